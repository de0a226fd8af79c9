"""Webhooks with their deliveries and attempts, of any tree and any owner."""

from typing import Any

from domain.terms import ChangedNoun, TicketVerb
from domain.webhook import DeliveryError, DeliveryStatus, WebhookEnd
from tests.compiler.world_plan import NAMES, Row


def add_webhooks(builder: Any, place: str) -> None:
    """Six webhooks, with up to a dozen deliveries each."""
    people = builder.world.of("person", place)
    for _ in range(6):
        unit = builder.any(builder.world.of("org_unit", place))
        ended = builder.maybe(builder.any(WebhookEnd), 0.3)
        webhook = builder.add(
            "webhook",
            locality_id=place,
            id=builder.key(),
            name=builder.any(NAMES),
            url=f"https://receiver.example.com/{builder.random.randrange(9)}",
            owner_id=builder.any((people[0], builder.any(people)))["id"],
            unit_id=unit["id"],
            unit_path=unit["path"],
            root_path=unit["path"][:4],
            nouns=builder.any((["TICKET"], ["SERVICE_RECORD", "TICKET"], [])),
            verbs=builder.any((None, [], ["SIGN", "CLOSE"])),
            secret=b"canary secret",
            former_secret=builder.maybe(b"canary former secret"),
            former_until=builder.maybe(builder.moment()),
            seen_epoch="canary epoch",
            seen_tx=builder.random.randrange(2**40),
            seen_id=builder.key(),
            created_at=builder.moment(),
            failing_since=builder.maybe(builder.moment()),
            ended=ended,
            ended_at=ended and builder.moment(),
        )
        for _ in range(builder.random.randrange(4, 13)):
            _deliver(builder, webhook)


def _deliver(builder: Any, webhook: Row) -> None:
    noun = builder.any(ChangedNoun)
    of_ticket = noun is ChangedNoun.TICKET
    about = builder.any(
        builder.world.of("ticket" if of_ticket else "service_record", webhook["locality_id"])
    )
    attempts = builder.random.randrange(4)
    labels = {name: webhook[name] for name in ("locality_id", "owner_id", "root_path")}
    delivery = builder.add(
        "webhook_delivery",
        **labels,
        id=builder.key(),
        webhook_id=webhook["id"],
        noun=noun,
        ticket_id=about["id"] if of_ticket else None,
        service_record_id=None if of_ticket else about["id"],
        verb=builder.any((None, "ADD", *TicketVerb)),
        at=builder.moment(),
        status=builder.any(DeliveryStatus),
        attempts=attempts,
        replayed_after=0,
        next_attempt_at=builder.maybe(builder.moment()),
    )
    for number in range(1, attempts + 1):
        builder.add(
            "webhook_attempt",
            **labels,
            delivery_id=delivery["id"],
            number=number,
            at=builder.moment(),
            milliseconds=builder.random.randrange(10_000),
            response_code=builder.any((None, 204, 500)),
            error=builder.any((None, *DeliveryError)),
        )
