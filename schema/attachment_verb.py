"""Attaching photographs to tickets."""

from datetime import datetime
from typing import Any

import strawberry

from compiler.fields import link, value
from domain.terms import PhotoPhase
from resolvers import attachment as read_attachment, attachment_write
from resolvers.attachment_write import NewPhotograph
from resolvers.caller import Work
from resolvers.filters import option
from schema.attachment import Attachment
from schema.verb import (
    KEY,
    USER_ERRORS,
    InfoOf,
    Input,
    UserError,
    answer,
    line,
    needed,
    payload_field,
    read_id,
)


@strawberry.type(description="Where to send a photograph.")
class AttachmentRequestPayload:
    attachment: Attachment | None = link(
        read_attachment.requested, "The photograph, as yet without its bytes; null if refused."
    )
    upload_url: str | None = value(
        read_attachment.upload_url,
        "Where to send its bytes with PUT, without a token: a JPEG, PNG or WebP file of at most "
        "10 MB. Sent again, it changes nothing. Beginning with `/`, it is meant of this server. Null "
        "if nothing was done.",
    )
    expires_at: datetime | None = value(
        read_attachment.expires_at, "Until when it is awaited there; null if nothing was done."
    )
    user_errors: list[UserError] = payload_field(USER_ERRORS)
    client_mutation_key: str | None = payload_field("The key that was sent; null if none was.")


@strawberry.input(description="A photograph to be attached to a ticket.")
class AttachmentRequestInput:
    ticket_id: strawberry.ID = needed("The ticket; it must still be open.")
    phase: PhotoPhase = needed("Whether it shows the matter before or after the work.")
    name: str = line("What to call it; at most 200 characters.", "")
    client_mutation_key: str | None = option(KEY)


@strawberry.type
class AttachmentVerbs:
    @strawberry.mutation(
        description="Ask for an address to send a photograph of a ticket to. It is part of the "
        "ticket once it has been sent there; a ticket has at most 20."
    )
    async def attachment_request(
        self, info: InfoOf, input: Input[AttachmentRequestInput]
    ) -> AttachmentRequestPayload:
        new = NewPhotograph(read_id(input.ticket_id, "ticket"), input.phase, input.name)

        async def effect(work: Work) -> Any:
            return await attachment_write.announce(work, new)

        return await answer(info, "ATTACHMENT_REQUEST", input, effect)
