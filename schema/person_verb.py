"""What people do about what is kept of them: correct it, ask for its deletion."""

from dataclasses import asdict
from typing import Any

import strawberry

from compiler.fields import link
from resolvers import person_write
from resolvers.caller import Work
from resolvers.filters import option
from schema.erasure import Erasure
from schema.person import Person
from schema.verb import (
    KEY,
    USER_ERRORS,
    InfoOf,
    Input,
    UserError,
    answer,
    known,
    line,
    payload_field,
    prose,
)

LEFT_OUT = "Left out, it stays; empty, it is deleted."


@strawberry.type(description="What became of a correction.")
class PersonPayload:
    person: Person | None = link(
        person_write.corrected, "The person; null if nothing was corrected."
    )
    user_errors: list[UserError] = payload_field(USER_ERRORS)
    client_mutation_key: str | None = payload_field("The key that was sent; null if none was.")


@strawberry.type(description="What became of a request to be forgotten.")
class ErasurePayload:
    erasure: Erasure | None = link(person_write.requested, "The request; null if none was made.")
    user_errors: list[UserError] = payload_field(USER_ERRORS)
    client_mutation_key: str | None = payload_field("The key that was sent; null if none was.")


@strawberry.input(description="What is to be kept of you; what is left out stays as it is.")
class PersonCorrectInput:
    name: str | None = line(
        "Your name, at most 100 characters; not while you hold a post, as it stands on its board.",
        strawberry.UNSET,
    )
    phone: str | None = line(
        "Your telephone number: 5 to 24 digits, spaces and hyphens, with a + before them if you wish. "
        f"{LEFT_OUT}",
        strawberry.UNSET,
    )
    address: str | None = line(
        f"Your address, at most 200 characters. {LEFT_OUT}", strawberry.UNSET
    )
    living_situation: str | None = prose(
        f"How you live, and with whom; at most 4,000 characters. {LEFT_OUT}", strawberry.UNSET
    )
    needs: str | None = prose(
        f"What you need; at most 4,000 characters. {LEFT_OUT}", strawberry.UNSET
    )
    skills: str | None = prose(
        f"What you are good at; at most 4,000 characters. {LEFT_OUT}", strawberry.UNSET
    )
    difficulties: str | None = prose(
        f"What is hard for you; at most 4,000 characters. {LEFT_OUT}", strawberry.UNSET
    )
    client_mutation_key: str | None = option(KEY)


@strawberry.input(description="That what is kept of you be deleted.")
class ErasureRequestInput:
    client_mutation_key: str | None = option(KEY)


@strawberry.type
class PersonVerbs:
    """The verbs on oneself."""

    @strawberry.mutation(description="Correct what is kept of you.")
    async def person_correct(self, info: InfoOf, input: Input[PersonCorrectInput]) -> PersonPayload:
        given = {name: known(text) for name, text in asdict(input).items()}
        del given["client_mutation_key"]
        said = {name: text for name, text in given.items() if text is not None}

        async def effect(work: Work) -> Any:
            return await person_write.correct(work, said)

        return await answer(info, "PERSON_CORRECT", input, effect)

    @strawberry.mutation(
        description="Ask that what is kept of you be deleted: within 15 working days, once none of "
        "your tickets is open and you hold no post."
    )
    async def erasure_request(
        self, info: InfoOf, input: Input[ErasureRequestInput]
    ) -> ErasurePayload:
        async def effect(work: Work) -> Any:
            return await person_write.request_erasure(work)

        return await answer(info, "ERASURE_REQUEST", input, effect)
