"""Writing service records."""

from datetime import datetime
from typing import Any

import strawberry
from strawberry import UNSET

from compiler.fields import link
from domain.service_record import Visit
from domain.terms import ServiceKind
from resolvers import service_record_write
from resolvers.caller import Work
from resolvers.filters import option
from resolvers.service_record_write import Correction, NewRecord
from schema.service_record import ServiceRecord
from schema.verb import (
    KEY,
    USER_ERRORS,
    InfoOf,
    Input,
    UserError,
    answer,
    known,
    needed,
    payload_field,
    prose,
    read_id,
    read_id_or_none,
)


@strawberry.type(description="What became of a service record.")
class ServiceRecordPayload:
    service_record: ServiceRecord | None = link(
        service_record_write.written, "The record; null if nothing was done."
    )
    user_errors: list[UserError] = payload_field(USER_ERRORS)
    client_mutation_key: str | None = payload_field("The key that was sent; null if none was.")


@strawberry.input(
    description="What a home visit learnt of a household: personal data, kept apart from the "
    "record, to be read by you and by whoever it was for. Each at most 4,000 characters."
)
class VisitInput:
    living_situation: str = prose("How they live and with whom.", "")
    needs: str = prose("What they need or wish for.", "")
    skills: str = prose("What they like and are good at.", "")
    difficulties: str = prose("What troubles them.", "")


@strawberry.input(description="Something that was done for a resident.")
class ServiceRecordAddInput:
    id: strawberry.ID | None = option(
        "An id of your own making, so that what you do offline can refer to it: `record_`, the "
        "locality's slug, `_` and a UUID of version 7."
    )
    kind: ServiceKind = needed("What was done.")
    unit_id: strawberry.ID | None = option("Where; not needed when it answers a ticket.")
    ticket_id: strawberry.ID | None = option("The ticket it answers, if any.")
    recipient_id: strawberry.ID | None = option("For whom; a ticket's reporter if left out.")
    at: datetime | None = option("When; now if left out, never in the future.")
    note: str = prose(
        "What there is to say of it, for all who see the record; at most 4,000 characters.", ""
    )
    duty: str | None = option(
        "The code of the duty that it fulfils: one that the place's profile asks of you."
    )
    visit: VisitInput | None = option("What a home visit learnt; for that kind only.")
    client_mutation_key: str | None = option(KEY)


@strawberry.input(description="A service record that is wrong. What is left out stays as it is.")
class ServiceRecordCorrectInput:
    record_id: strawberry.ID = needed("The record.")
    kind: ServiceKind | None = option("What was really done.")
    at: datetime | None = option("When it was really done; never in the future.")
    note: str | None = prose("What there is to say of it; at most 4,000 characters.", UNSET)
    reason: str = prose("Why it is corrected; at most 4,000 characters.")
    client_mutation_key: str | None = option(KEY)


def _visit(learnt: VisitInput | None) -> Visit | None:
    if learnt is None:
        return None
    return Visit(learnt.living_situation, learnt.needs, learnt.skills, learnt.difficulties)


def _new(input: ServiceRecordAddInput) -> NewRecord:
    return NewRecord(
        id=read_id_or_none(input.id, "record"),
        kind=input.kind,
        unit=read_id_or_none(input.unit_id, "unit"),
        ticket=read_id_or_none(input.ticket_id, "ticket"),
        recipient=read_id_or_none(input.recipient_id, "person"),
        at=known(input.at),
        note=input.note,
        duty=known(input.duty),
        visit=_visit(known(input.visit)),
    )


@strawberry.type
class ServiceRecordVerbs:
    """The verbs on service records."""

    @strawberry.mutation(description="Record something that was done for a resident.")
    async def service_record_add(
        self, info: InfoOf, input: Input[ServiceRecordAddInput]
    ) -> ServiceRecordPayload:
        new = _new(input)

        async def effect(work: Work) -> Any:
            return await service_record_write.add(work, new)

        return await answer(info, "SERVICE_RECORD_ADD", input, effect)

    @strawberry.mutation(
        description="Correct a service record, for whoever gave the service and those who serve "
        "there or above. What it said before is kept."
    )
    async def service_record_correct(
        self, info: InfoOf, input: Input[ServiceRecordCorrectInput]
    ) -> ServiceRecordPayload:
        asked = Correction(
            record=read_id(input.record_id, "record"),
            kind=known(input.kind),
            at=known(input.at),
            note=known(input.note),
            reason=input.reason,
        )

        async def effect(work: Work) -> Any:
            return await service_record_write.correct(work, asked)

        return await answer(info, "SERVICE_RECORD_CORRECT", input, effect)
