"""Giving and taking offices."""

from typing import Any

import strawberry

from compiler.fields import link
from domain.identity import OfficeKind
from resolvers import office as read_office, office_write
from resolvers.caller import Work
from resolvers.filters import option
from schema.office import Office
from schema.verb import (
    ADMINISTERS,
    KEY,
    USER_ERRORS,
    InfoOf,
    Input,
    UserError,
    answer,
    needed,
    payload_field,
    read_id,
)


@strawberry.type(description="What became of an office.")
class OfficePayload:
    office: Office | None = link(
        read_office.written, "The office afterwards; null if nothing was done."
    )
    user_errors: list[UserError] = payload_field(USER_ERRORS)
    client_mutation_key: str | None = payload_field("The key that was sent; null if none was.")


@strawberry.input(description="An office for somebody.")
class OfficeGrantInput:
    person_id: strawberry.ID = needed("Who is to hold it: somebody of your place, not yourself.")
    kind: OfficeKind = needed("Which office.")
    client_mutation_key: str | None = option(KEY)


@strawberry.input(description="An office that is to end.")
class OfficeRevokeInput:
    office_id: strawberry.ID = needed("The office.")
    client_mutation_key: str | None = option(KEY)


@strawberry.type
class OfficeVerbs:
    @strawberry.mutation(
        description="Give somebody else an office from now on; administrators only. Who holds it "
        "keeps it as it is. Nobody is auditor and administrator of one place.",
        metadata=ADMINISTERS,
    )
    async def office_grant(self, info: InfoOf, input: Input[OfficeGrantInput]) -> OfficePayload:
        person = read_id(input.person_id, "person")

        async def effect(work: Work) -> Any:
            return await office_write.grant(work, person, input.kind)

        return await answer(info, "OFFICE_GRANT", input, effect)

    @strawberry.mutation(
        description="Take an office away, effective at once; administrators only. A place keeps its "
        "last administrator.",
        metadata=ADMINISTERS,
    )
    async def office_revoke(self, info: InfoOf, input: Input[OfficeRevokeInput]) -> OfficePayload:
        office = read_id(input.office_id, "office")

        async def effect(work: Work) -> Any:
            return await office_write.revoke(work, office)

        return await answer(info, "OFFICE_REVOKE", input, effect)
