"""Every verb on a ticket: one mutation each."""

from typing import Any

import strawberry

from compiler.fields import link
from domain.terms import TicketVerb as V
from resolvers import ticket_write
from resolvers.caller import Work
from resolvers.ticket_report import NewTicket, open_ticket
from resolvers.ticket_write import Act
from schema import ticket_input as given
from schema.ticket import Ticket
from schema.verb import (
    USER_ERRORS,
    InfoOf,
    Input,
    UserError,
    answer,
    known,
    payload_field,
    read_id,
    read_id_or_none,
)


@strawberry.type(description="What became of a ticket.")
class TicketPayload:
    ticket: Ticket | None = link(
        ticket_write.changed,
        "The ticket afterwards; null if nothing was done, or if it has passed out of your sight.",
    )
    user_errors: list[UserError] = payload_field(USER_ERRORS)
    client_mutation_key: str | None = payload_field("The key that was sent; null if none was.")


SAID = ("reason", "resolution", "note")
"""What a verb's words are called, one of them in each input."""


def _act(verb: V, input: Any) -> Act:
    """What an input asks for; parts that the verb does not have are left out."""

    def part(name: str) -> Any:
        return known(getattr(input, name, None))

    said_in = next(name for name in SAID if hasattr(input, name))
    to = next((part(name) for name in ("unit_id", "lead_id") if part(name) is not None), None)
    return Act(
        verb=verb,
        ticket=read_id(input.ticket_id, "ticket"),
        words=getattr(input, said_in),
        said_in=said_in,
        to=read_id_or_none(to, "unit"),
        joined=tuple(read_id(each, "unit") for each in part("unit_ids") or ()),
        meeting=read_id_or_none(part("meeting_id"), "meeting"),
        due_at=part("due_at"),
        verdict=part("verdict"),
        into=read_id_or_none(part("into_id"), "ticket"),
        hop=part("hop"),
    )


def _verb(verb: V, told: type[Any], description: str) -> Any:
    """The mutation of one verb."""

    async def carry_out(self: Any, info: InfoOf, input: Any) -> TicketPayload:
        act = _act(verb, input)

        async def effect(work: Work) -> Any:
            return await ticket_write.act(work, act)

        return await answer(info, verb, input, effect)

    carry_out.__annotations__["input"] = Input[told]
    return strawberry.mutation(carry_out, description=description)


@strawberry.type
class TicketVerbs:
    """The verbs on tickets."""

    @strawberry.mutation(description="Make a need known.")
    async def ticket_report(
        self, info: InfoOf, input: Input[given.TicketReportInput]
    ) -> TicketPayload:
        new = NewTicket(
            id=read_id_or_none(input.id, "ticket"),
            unit=read_id(input.unit_id, "unit"),
            title=input.title,
            body=input.body,
            category=input.category,
            severity=known(input.severity),
            appeal_type=input.appeal_type,
            concern=known(input.concern),
            channel=input.channel,
        )

        async def effect(work: Work) -> Any:
            return await open_ticket(work, new)

        return await answer(info, V.REPORT, input, effect)

    ticket_accept = _verb(V.ACCEPT, given.TicketAcceptInput, "Take a ticket up.")
    ticket_reject = _verb(V.REJECT, given.TicketRejectInput, "Decline a report, with a reason.")
    ticket_merge = _verb(V.MERGE, given.TicketMergeInput, "Fold a report into another ticket.")
    ticket_withdraw = _verb(V.WITHDRAW, given.TicketWithdrawInput, "Take one's own report back.")
    ticket_dispatch = _verb(
        V.DISPATCH, given.TicketDispatchInput, "Send a ticket to the unit that is to handle it."
    )
    ticket_dispute = _verb(
        V.DISPUTE, given.TicketDisputeInput, "Say that a ticket was sent to the wrong unit."
    )
    ticket_rule = _verb(
        V.RULE,
        given.TicketRuleInput,
        "Settle a dispute from above; the unit it names may not send the ticket back.",
    )
    ticket_sign = _verb(V.SIGN, given.TicketSignInput, "Sign for a ticket and start work.")
    ticket_escalate = _verb(
        V.ESCALATE, given.TicketEscalateInput, "Pass a ticket up to a level that can solve it."
    )
    ticket_return = _verb(V.RETURN, given.TicketReturnInput, "Send a ticket back down.")
    ticket_join = _verb(
        V.JOIN, given.TicketJoinInput, "Call several units together, one of them leading."
    )
    ticket_table = _verb(
        V.TABLE,
        given.TicketTableInput,
        "Put a ticket before a meeting. The unit's own clock goes on, and `nextHop` with it, unless "
        "the place's profile has it stand still.",
    )
    ticket_deliberate = _verb(
        V.DELIBERATE, given.TicketDeliberateInput, "Bring residents who disagree to one table."
    )
    ticket_resume = _verb(
        V.RESUME,
        given.TicketResumeInput,
        "Go back to work, after a meeting with what it resolved.",
    )
    ticket_extend = _verb(
        V.EXTEND,
        given.TicketExtendInput,
        "Set a later deadline of the whole case, with a reason. The unit's own clock goes on, and "
        "`nextHop` with it, unless the place's profile has it stand still.",
    )
    ticket_explain = _verb(
        V.EXPLAIN, given.TicketExplainInput, "Explain why a ticket cannot be solved."
    )
    ticket_resolve = _verb(
        V.RESOLVE, given.TicketResolveInput, "Say that a ticket is solved, and how: the claim."
    )
    ticket_rework = _verb(V.REWORK, given.TicketReworkInput, "Send a failed solution back to work.")
    ticket_verify = _verb(
        V.VERIFY, given.TicketVerifyInput, "Confirm that a ticket is solved: the check."
    )
    ticket_follow_up = _verb(
        V.FOLLOW_UP, given.TicketFollowUpInput, "Record what the resident says: the verdict."
    )
    ticket_reopen = _verb(
        V.REOPEN, given.TicketReopenInput, "Open a ticket again, because it is not solved."
    )
    ticket_close = _verb(V.CLOSE, given.TicketCloseInput, "Finish a ticket and file it.")
