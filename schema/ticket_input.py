"""What each verb on a ticket is told."""

from datetime import datetime
from typing import Any

import strawberry

from domain.terms import AppealType, Channel, ConcernClass, Severity, Verdict
from resolvers.filters import option
from schema.verb import KEY, given, line, needed, prose


@strawberry.input(description="A need to be made known.")
class TicketReportInput:
    id: strawberry.ID | None = option(
        "An id of your own making, so that what you do offline can refer to it: `ticket_`, the "
        "locality's slug, `_` and a UUID of version 7."
    )
    unit_id: strawberry.ID = needed("The unit in which it arose.")
    title: str = line("What it is about, in one line of at most 200 characters.")
    category: str = needed("The code of its category in the locality's profile.")
    body: str = prose("What it is about, in full; at most 4,000 characters.", "")
    severity: Severity | None = option(
        "How hard it is, for those who serve there to say; the category's severity if left out."
    )
    appeal_type: AppealType = given("What is wanted.", AppealType.HELP)
    concern: ConcernClass | None = option("Its class of concern, where the locality uses them.")
    channel: Channel = given("How it became known.", Channel.APP)
    client_mutation_key: str | None = option(KEY)


@strawberry.input
class OnTicket:
    """What every verb on a ticket is told."""

    ticket_id: strawberry.ID = needed("The ticket.")
    hop: int | None = option(
        "The hop it was on when you last saw it (`hopCount`): refused if it has moved since."
    )
    client_mutation_key: str | None = option(KEY)


def _note() -> Any:
    return prose("What there is to say; at most 4,000 characters.", "")


def _reason(description: str) -> Any:
    return prose(f"{description}; at most 4,000 characters.")


@strawberry.input(description="A ticket to be taken up.")
class TicketAcceptInput(OnTicket):
    note: str = _note()


@strawberry.input(description="A report that is not a matter for this service.")
class TicketRejectInput(OnTicket):
    reason: str = _reason("Why it is declined")


@strawberry.input(description="A report that another ticket carries on.")
class TicketMergeInput(OnTicket):
    into_id: strawberry.ID = needed("The ticket that carries it on.")
    note: str = _note()


@strawberry.input(description="A report to be taken back by whoever made it.")
class TicketWithdrawInput(OnTicket):
    note: str = _note()


@strawberry.input(description="A ticket to be sent to the unit that is to handle it.")
class TicketDispatchInput(OnTicket):
    unit_id: strawberry.ID = needed("The unit that is to handle it.")
    note: str = _note()


@strawberry.input(description="A ticket that was sent to the wrong unit.")
class TicketDisputeInput(OnTicket):
    reason: str = _reason("Why it belongs elsewhere")


@strawberry.input(description="A dispute to be settled by a unit above.")
class TicketRuleInput(OnTicket):
    unit_id: strawberry.ID | None = option(
        "The unit that is to handle it and may not send it back; the one that has it if left out."
    )
    reason: str = _reason("Why")


@strawberry.input(description="A ticket to be signed for and worked on.")
class TicketSignInput(OnTicket):
    note: str = _note()


@strawberry.input(description="A ticket to be passed up.")
class TicketEscalateInput(OnTicket):
    unit_id: strawberry.ID | None = option(
        "The unit above that is to have it; where the locality's rule sends it if left out."
    )
    reason: str = _reason("Why this level cannot solve it")


@strawberry.input(description="A ticket to be sent back down.")
class TicketReturnInput(OnTicket):
    unit_id: strawberry.ID = needed("The unit below that is to have it.")
    reason: str = _reason("Why it can be solved there")


@strawberry.input(description="A ticket on which several units are to work together.")
class TicketJoinInput(OnTicket):
    unit_ids: list[strawberry.ID] = needed("The units called to help, 1 to 20 of them.")
    lead_id: strawberry.ID | None = option("The unit that leads; the one that has it if left out.")
    reason: str = _reason("Why they are called")


@strawberry.input(description="A ticket to be put before a meeting.")
class TicketTableInput(OnTicket):
    meeting_id: strawberry.ID | None = option(
        "The meeting; the next one of the unit that has it if left out. Where none is called yet, "
        "the ticket goes before the next one that is."
    )
    reason: str = _reason("Why a meeting is to decide it")


@strawberry.input(description="A ticket that the residents are to talk through.")
class TicketDeliberateInput(OnTicket):
    reason: str = _reason("Over what they disagree")


@strawberry.input(description="A ticket that goes back to work.")
class TicketResumeInput(OnTicket):
    resolution: str = prose(
        "What the meeting or the residents resolved; needed when it was with them.", ""
    )


@strawberry.input(description="A ticket that needs more time.")
class TicketExtendInput(OnTicket):
    due_at: datetime = needed("Until when; later than the deadline it has.")
    reason: str = _reason("Why")


@strawberry.input(description="A ticket that cannot be solved.")
class TicketExplainInput(OnTicket):
    reason: str = _reason("Why not, in words for the resident")


@strawberry.input(description="A ticket that the handler says is solved.")
class TicketResolveInput(OnTicket):
    resolution: str = _reason("How it was solved")


@strawberry.input(description="A solution that does not hold.")
class TicketReworkInput(OnTicket):
    reason: str = _reason("What is wrong with it")


@strawberry.input(description="A solution that was checked.")
class TicketVerifyInput(OnTicket):
    note: str = _note()


@strawberry.input(description="A resident's verdict.")
class TicketFollowUpInput(OnTicket):
    verdict: Verdict = needed("What the resident says.")
    note: str = _note()


@strawberry.input(description="A ticket to be done again.")
class TicketReopenInput(OnTicket):
    reason: str = _reason("What is still wrong")


@strawberry.input(description="A ticket to be filed.")
class TicketCloseInput(OnTicket):
    note: str = prose("What there is to say; needed when the resident is dissatisfied.", "")
