"""The roots of every write: noun first, one `input`, refusals in `userErrors`."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, TypeVar

import strawberry
from strawberry.types import Info
from strawberry.utils.str_converters import to_camel_case

from compiler.fields import link
from compiler.ids import GlobalId, parse_id
from domain.refusal import RefusalCode
from domain.terms import (
    AppealType,
    Channel,
    ConcernClass,
    ServiceKind,
    Severity,
    TicketVerb,
    Verdict,
)
from resolvers import service_record_write, ticket_write
from resolvers.caller import Outcome, Work, once
from resolvers.filters import option
from resolvers.service_record_write import NewRecord
from resolvers.ticket_write import Act, NewTicket
from schema.service_record import ServiceRecord
from schema.ticket import Ticket

KEY = (
    "A text of your own choosing that makes the request safe to repeat: sent again with the same "
    "input it gives the first answer and does nothing more. At most 200 characters."
)


@strawberry.type(description="Why a request was not carried out, for the person who made it.")
class UserError:
    code: RefusalCode = strawberry.field(description="Stable code.")
    message: str = strawberry.field(description="What to tell the person, in their language.")
    field: str | None = strawberry.field(description="The input field at fault, if it is one.")


def _payload_field(description: str) -> Any:
    return strawberry.field(description=description)


USER_ERRORS = "Why nothing was done; empty when it was."


@strawberry.type(description="What became of a ticket.")
class TicketPayload:
    ticket: Ticket | None = link(
        ticket_write.changed,
        "The ticket afterwards; null if nothing was done, or if it has passed out of your sight.",
    )
    user_errors: list[UserError] = _payload_field(USER_ERRORS)
    client_mutation_key: str | None = _payload_field("The key that was sent.")


@strawberry.type(description="What became of a service record.")
class ServiceRecordPayload:
    service_record: ServiceRecord | None = link(
        service_record_write.added, "The record; null if nothing was done."
    )
    user_errors: list[UserError] = _payload_field(USER_ERRORS)
    client_mutation_key: str | None = _payload_field("The key that was sent.")


def needed(description: str) -> Any:
    """An input field that must be given."""
    return strawberry.field(description=description)


def given(description: str, default: Any) -> Any:
    """An input field with a default."""
    return strawberry.field(description=description, default=default)


@strawberry.input(description="A need to be made known.")
class TicketReportInput:
    unit_id: strawberry.ID = needed("The unit in which it arose.")
    title: str = needed("What it is about, in one line of at most 200 characters.")
    category: str = needed("The code of its category in the locality's profile.")
    body: str = given("What it is about, in full; at most 4,000 characters.", "")
    severity: Severity | None = option("How hard it is; the category's severity if left out.")
    appeal_type: AppealType = given("What is wanted.", AppealType.HELP)
    concern: ConcernClass | None = option("Its class of concern, where the locality uses them.")
    channel: Channel = given("How it became known.", Channel.APP)
    client_mutation_key: str | None = option(KEY)


@strawberry.input(description="A ticket to be taken up.")
class TicketAcceptInput:
    ticket_id: strawberry.ID = needed("The ticket.")
    note: str = given("What there is to say.", "")
    client_mutation_key: str | None = option(KEY)


@strawberry.input(description="A ticket to be sent to the unit that is to handle it.")
class TicketDispatchInput:
    ticket_id: strawberry.ID = needed("The ticket.")
    unit_id: strawberry.ID = needed("The unit that is to handle it.")
    note: str = given("What there is to say.", "")
    client_mutation_key: str | None = option(KEY)


@strawberry.input(description="A ticket to be passed up.")
class TicketEscalateInput:
    ticket_id: strawberry.ID = needed("The ticket.")
    reason: str = needed("Why this level cannot solve it; at most 4,000 characters.")
    unit_id: strawberry.ID | None = option(
        "The unit above that is to have it; where the locality's rule sends it if left out."
    )
    client_mutation_key: str | None = option(KEY)


@strawberry.input(description="A ticket that the handler says is solved.")
class TicketResolveInput:
    ticket_id: strawberry.ID = needed("The ticket.")
    resolution: str = needed("How it was solved.")
    client_mutation_key: str | None = option(KEY)


@strawberry.input(description="A ticket to be checked, followed up and filed.")
class TicketCloseInput:
    ticket_id: strawberry.ID = needed("The ticket.")
    verdict: Verdict | None = option("What the resident says; needed unless recorded before.")
    note: str = given("What there is to say; needed when the resident is dissatisfied.", "")
    client_mutation_key: str | None = option(KEY)


@strawberry.input(description="Something that was done for a resident.")
class ServiceRecordAddInput:
    kind: ServiceKind = needed("What was done.")
    unit_id: strawberry.ID | None = option("Where; not needed when it answers a ticket.")
    ticket_id: strawberry.ID | None = option("The ticket it answers, if any.")
    recipient_id: strawberry.ID | None = option("For whom.")
    at: datetime | None = option("When; now if left out, never in the future.")
    note: str = given("What there is to say of it; at most 4,000 characters.", "")
    client_mutation_key: str | None = option(KEY)


InfoOf = Info[Any, Any]
T = TypeVar("T")
Input = Annotated[T, strawberry.argument(description="What is to be done.")]


async def _answer(info: InfoOf, what: str, input: Any, effect: Any) -> Any:
    """Run an effect once, then re-read what it made or changed as the client asked for it."""
    values = {name: _known(each) for name, each in asdict(input).items()}
    caller, key = info.context, values.pop("client_mutation_key")
    schema: Any = info.schema
    # Before anything is done: a payload that cannot be read must not cost an effect.
    payload = schema.payload(info, caller)
    outcome = await once(caller, what, values, key, effect)
    ready = await payload.read(caller, outcome.key)
    ready.user_errors = _errors(outcome, caller.language)
    ready.client_mutation_key = key
    return ready


def _known(value: Any) -> Any:
    return None if value is strawberry.UNSET else value


def _errors(outcome: Outcome, language: str) -> list[UserError]:
    refusal = outcome.refusal
    if refusal is None:
        return []
    said = refusal.code.zh if language.startswith("zh") else refusal.code.meaning
    field = refusal.field and to_camel_case(refusal.field)
    return [UserError(code=refusal.code, message=said, field=field)]


def _id(text: Any, tag: str) -> GlobalId:
    return parse_id(text, tag)


def _id_or_none(text: Any, tag: str) -> GlobalId | None:
    return None if _known(text) is None else parse_id(text, tag)


async def _act(info: InfoOf, input: Any, act: Act) -> Any:
    async def effect(work: Work) -> Any:
        return await ticket_write.act(work, act)

    return await _answer(info, act.verb, input, effect)


@strawberry.type(description="Everything that can be done.")
class Mutation:
    @strawberry.mutation(description="Make a need known.")
    async def ticket_report(self, info: InfoOf, input: Input[TicketReportInput]) -> TicketPayload:
        new = NewTicket(
            unit=_id(input.unit_id, "unit"),
            title=input.title,
            body=input.body,
            category=input.category,
            severity=_known(input.severity),
            appeal_type=input.appeal_type,
            concern=_known(input.concern),
            channel=input.channel,
        )

        async def effect(work: Work) -> Any:
            return await ticket_write.open_ticket(work, new)

        return await _answer(info, "REPORT", input, effect)

    @strawberry.mutation(description="Take a ticket up.")
    async def ticket_accept(self, info: InfoOf, input: Input[TicketAcceptInput]) -> TicketPayload:
        ticket = _id(input.ticket_id, "ticket")
        return await _act(info, input, Act(TicketVerb.ACCEPT, ticket, input.note))

    @strawberry.mutation(description="Send a ticket to the unit that is to handle it.")
    async def ticket_dispatch(
        self, info: InfoOf, input: Input[TicketDispatchInput]
    ) -> TicketPayload:
        ticket, to = _id(input.ticket_id, "ticket"), _id(input.unit_id, "unit")
        return await _act(info, input, Act(TicketVerb.DISPATCH, ticket, input.note, to))

    @strawberry.mutation(description="Pass a ticket up to a level that can solve it.")
    async def ticket_escalate(
        self, info: InfoOf, input: Input[TicketEscalateInput]
    ) -> TicketPayload:
        ticket, to = _id(input.ticket_id, "ticket"), _id_or_none(input.unit_id, "unit")
        return await _act(info, input, Act(TicketVerb.ESCALATE, ticket, input.reason, to))

    @strawberry.mutation(description="Say that a ticket is solved, and how.")
    async def ticket_resolve(self, info: InfoOf, input: Input[TicketResolveInput]) -> TicketPayload:
        ticket = _id(input.ticket_id, "ticket")
        return await _act(info, input, Act(TicketVerb.RESOLVE, ticket, input.resolution))

    @strawberry.mutation(
        description="Check a solved ticket, record the resident's verdict and file it."
    )
    async def ticket_close(self, info: InfoOf, input: Input[TicketCloseInput]) -> TicketPayload:
        ticket, verdict = _id(input.ticket_id, "ticket"), _known(input.verdict)
        act = Act(TicketVerb.CLOSE, ticket, input.note, verdict=verdict)
        return await _act(info, input, act)

    @strawberry.mutation(description="Record something that was done for a resident.")
    async def service_record_add(
        self, info: InfoOf, input: Input[ServiceRecordAddInput]
    ) -> ServiceRecordPayload:
        new = NewRecord(
            kind=input.kind,
            unit=_id_or_none(input.unit_id, "unit"),
            ticket=_id_or_none(input.ticket_id, "ticket"),
            recipient=_id_or_none(input.recipient_id, "person"),
            at=_known(input.at),
            note=input.note,
        )

        async def effect(work: Work) -> Any:
            return await service_record_write.add(work, new)

        return await _answer(info, "SERVICE_RECORD_ADD", input, effect)
