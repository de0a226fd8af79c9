"""Webhooks, their deliveries and attempts."""

from datetime import date

from tests.compiler.oracle_fields import Args, Listing, Thing, field, named, parse_id, thing, things
from tests.compiler.oracle_links import among, here
from tests.compiler.oracle_sight import Sight
from tests.compiler.world import Row


@field("Query.webhook")
def _(sight: Sight, row: Row, args: Args, day: date) -> Thing | None:
    _, locality, key = parse_id(args["id"], "webhook")
    return thing("Webhook", sight.one("webhook", locality_id=locality, id=key))


@field("Query.webhooks")
def _(sight: Sight, row: Row, args: Args, day: date) -> Listing:
    locality = named(sight, args)
    return Listing("Webhook", lambda: sight.rows("webhook", locality_id=locality))


@field("Webhook.deliveries")
def _(sight: Sight, row: Row, args: Args, day: date) -> Listing:
    given = args.get("filter") or {}

    def read() -> list[Row]:
        found = sight.rows("webhook_delivery", **here(row), webhook_id=row["id"])
        return [each for each in found if among(each["status"], given.get("status"))]

    return Listing("WebhookDelivery", read)


@field("WebhookDelivery.attempts")
def _(sight: Sight, row: Row, args: Args, day: date) -> list[Thing]:
    made = sight.rows("webhook_attempt", **here(row), delivery_id=row["id"])
    return things("WebhookAttempt", made, "number")
