"""The roots of every write: noun first, one `input`, refusals in `userErrors`."""

import strawberry

from schema.access_token_verb import AccessTokenVerbs
from schema.attachment_verb import AttachmentVerbs
from schema.meeting_verb import MeetingVerbs
from schema.office_verb import OfficeVerbs
from schema.person_verb import PersonVerbs
from schema.service_record_verb import ServiceRecordVerbs
from schema.ticket_verb import TicketVerbs
from schema.webhook_verb import WebhookVerbs


@strawberry.type(description="Everything that can be done.")
class Mutation(
    TicketVerbs,
    ServiceRecordVerbs,
    MeetingVerbs,
    AttachmentVerbs,
    WebhookVerbs,
    PersonVerbs,
    AccessTokenVerbs,
    OfficeVerbs,
):
    pass
