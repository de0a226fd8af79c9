"""Writing webhooks."""

from typing import Any

import strawberry

from compiler.fields import link
from domain.terms import ChangedNoun, TicketVerb
from domain.webhook import secret_text
from resolvers import webhook_write
from resolvers.caller import Work
from resolvers.filters import option
from resolvers.webhook_write import Given
from schema.verb import (
    KEY,
    USER_ERRORS,
    InfoOf,
    Input,
    UserError,
    answer,
    known,
    line,
    needed,
    payload_field,
    read_id,
)
from schema.webhook import Webhook, WebhookDelivery

URL = (
    "Where it is told: `https` and a full host name, no user and no fragment, at most 2,000 "
    "characters; port 443, or 1024 and above. International names in their `xn--` form."
)
NAME = "What to call it; at most 100 characters."
KEPT = "left as it is if left out."


@strawberry.type(description="What became of a webhook.")
class WebhookPayload:
    webhook: Webhook | None = link(
        webhook_write.written, "The webhook afterwards; null if nothing was done."
    )
    user_errors: list[UserError] = payload_field(USER_ERRORS)
    client_mutation_key: str | None = payload_field("The key that was sent; null if none was.")


@strawberry.type(description="What became of a webhook whose secret was made.")
class WebhookSecretPayload:
    webhook: Webhook | None = link(
        webhook_write.written, "The webhook afterwards; null if nothing was done."
    )
    secret: str | None = payload_field(
        "What its messages are signed with, `whsec_` and base64: shown this once and never again, "
        "not even to the same request repeated: null then, and if nothing was done."
    )
    user_errors: list[UserError] = payload_field(USER_ERRORS)
    client_mutation_key: str | None = payload_field("The key that was sent; null if none was.")


@strawberry.type(description="What became of a webhook that was to be removed.")
class WebhookDeletePayload:
    webhook_id: strawberry.ID | None = payload_field("The id it had; null if it was not removed.")
    user_errors: list[UserError] = payload_field(USER_ERRORS)
    client_mutation_key: str | None = payload_field("The key that was sent; null if none was.")


@strawberry.type(description="What became of a delivery.")
class WebhookDeliveryPayload:
    delivery: WebhookDelivery | None = link(
        webhook_write.replayed, "The delivery afterwards; null if nothing was done."
    )
    user_errors: list[UserError] = payload_field(USER_ERRORS)
    client_mutation_key: str | None = payload_field("The key that was sent; null if none was.")


@strawberry.input(description="An address to be told of changes.")
class WebhookCreateInput:
    url: str = needed(URL)
    unit_id: strawberry.ID = needed(
        "It is told of changes in this unit and below it; you serve at the top of its tree."
    )
    name: str = line(NAME, "")
    nouns: list[ChangedNoun] = needed("What kinds of thing it is told of, one at least.")
    verbs: list[TicketVerb] | None = option(
        "Which verbs on tickets it is told of; all of them if left out, null or empty."
    )
    client_mutation_key: str | None = option(KEY)


@strawberry.input(description="What is to be otherwise with a webhook.")
class WebhookUpdateInput:
    webhook_id: strawberry.ID = needed("The webhook.")
    url: str | None = option(f"{URL} It is {KEPT}")
    name: str | None = line(f"{NAME} It is {KEPT}", strawberry.UNSET)
    nouns: list[ChangedNoun] | None = option(
        f"What kinds of thing it is told of, one at least; {KEPT}"
    )
    verbs: list[TicketVerb] | None = option(
        f"Which verbs on tickets it is told of; all of them if null or empty, {KEPT}"
    )
    enabled: bool | None = option(
        "False switches it off; true switches it on again, and it is told what it missed."
    )
    client_mutation_key: str | None = option(KEY)


@strawberry.input(description="A webhook to be removed with all that was told to it.")
class WebhookDeleteInput:
    webhook_id: strawberry.ID = needed("The webhook.")
    client_mutation_key: str | None = option(KEY)


@strawberry.input(description="A webhook whose secret is to be another.")
class WebhookRotateSecretInput:
    webhook_id: strawberry.ID = needed("The webhook.")
    client_mutation_key: str | None = option(KEY)


@strawberry.input(description="A delivery to be made again.")
class WebhookDeliveryReplayInput:
    delivery_id: strawberry.ID = needed(
        "A delivery that was taken, given up or withheld, of a webhook in use."
    )
    client_mutation_key: str | None = option(KEY)


async def _with_secret(info: InfoOf, what: str, input: Any, effect: Any) -> Any:
    """Run an effect that takes a new secret; it is shown if the effect was run, and kept nowhere.

    It is made once, however often the transaction must be repeated.
    """
    secret, taken = webhook_write.new_secret(), False

    async def taking(work: Work) -> Any:
        nonlocal taken
        taken = True
        return await effect(work, secret)

    ready = await answer(info, what, input, taking)
    ready.secret = secret_text(secret) if taken and not ready.user_errors else None
    return ready


def _verbs(given: list[TicketVerb] | None) -> list[TicketVerb] | None:
    """The verbs of an input as effects take them: None if left out, none at all for all of them."""
    return None if given is strawberry.UNSET else given or []


@strawberry.type
class WebhookVerbs:
    @strawberry.mutation(
        description="Have an address told of changes, as long as you serve here and of what you "
        "may see. At most 20 in a locality."
    )
    async def webhook_create(
        self, info: InfoOf, input: Input[WebhookCreateInput]
    ) -> WebhookSecretPayload:
        unit = read_id(input.unit_id, "unit")
        to_private = info.context.webhooks_to_private
        said = Given(input.name, input.url, input.nouns, _verbs(input.verbs), to_private=to_private)

        async def effect(work: Work, secret: bytes) -> Any:
            return await webhook_write.create(work, unit, said, secret)

        return await _with_secret(info, "WEBHOOK_CREATE", input, effect)

    @strawberry.mutation(description="Change a webhook, or switch it off and on.")
    async def webhook_update(
        self, info: InfoOf, input: Input[WebhookUpdateInput]
    ) -> WebhookPayload:
        webhook = read_id(input.webhook_id, "webhook")
        name, url, nouns, enabled = map(known, (input.name, input.url, input.nouns, input.enabled))
        to_private = info.context.webhooks_to_private
        said = Given(name, url, nouns, _verbs(input.verbs), enabled, to_private)

        async def effect(work: Work) -> Any:
            return await webhook_write.update(work, webhook, said)

        return await answer(info, "WEBHOOK_UPDATE", input, effect)

    @strawberry.mutation(description="Remove a webhook and all that was told to it.")
    async def webhook_delete(
        self, info: InfoOf, input: Input[WebhookDeleteInput]
    ) -> WebhookDeletePayload:
        webhook = read_id(input.webhook_id, "webhook")

        async def effect(work: Work) -> Any:
            return await webhook_write.delete(work, webhook)

        ready = await answer(info, "WEBHOOK_DELETE", input, effect)
        ready.webhook_id = None if ready.user_errors else str(webhook)
        return ready

    @strawberry.mutation(
        description="Give a webhook a new secret. For 24 hours each message bears two signatures, "
        "by the new one and by the one before."
    )
    async def webhook_rotate_secret(
        self, info: InfoOf, input: Input[WebhookRotateSecretInput]
    ) -> WebhookSecretPayload:
        webhook = read_id(input.webhook_id, "webhook")

        async def effect(work: Work, secret: bytes) -> Any:
            return await webhook_write.rotate(work, webhook, secret)

        return await _with_secret(info, "WEBHOOK_ROTATE_SECRET", input, effect)

    @strawberry.mutation(
        description="Make a delivery again, with the same `webhook-id`; within some seconds."
    )
    async def webhook_delivery_replay(
        self, info: InfoOf, input: Input[WebhookDeliveryReplayInput]
    ) -> WebhookDeliveryPayload:
        delivery = read_id(input.delivery_id, "delivery")

        async def effect(work: Work) -> Any:
            return await webhook_write.replay(work, delivery)

        return await answer(info, "WEBHOOK_DELIVERY_REPLAY", input, effect)
