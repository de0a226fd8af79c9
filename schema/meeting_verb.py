"""Calling and holding meetings."""

from datetime import datetime
from typing import Any

import strawberry

from compiler.fields import link
from resolvers import meeting_write
from resolvers.caller import Work
from resolvers.filters import option
from resolvers.meeting_write import Held, NewMeeting
from schema.meeting import Meeting
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
    prose,
    read_id,
)


@strawberry.type(description="What became of a meeting.")
class MeetingPayload:
    meeting: Meeting | None = link(meeting_write.written, "The meeting; null if nothing was done.")
    user_errors: list[UserError] = payload_field(USER_ERRORS)
    client_mutation_key: str | None = payload_field("The key that was sent; null if none was.")


@strawberry.input(description="A meeting to be called.")
class MeetingCallInput:
    unit_id: strawberry.ID = needed("The unit that is to meet.")
    title: str = line("What it is about, in one line of at most 200 characters.")
    at: datetime = needed("When it is to be, or was.")
    duty: str | None = option(
        "The code of the duty that it fulfils: one that the place's profile asks of you."
    )
    client_mutation_key: str | None = option(KEY)


@strawberry.input(description="A meeting that was held.")
class MeetingHoldInput:
    meeting_id: strawberry.ID = needed("The meeting.")
    held_at: datetime | None = option("When; now if left out, never in the future.")
    minutes: str = prose(
        "What was said; at most 4,000 characters. Everybody of the place may read it: no personal "
        "data belongs here.",
        "",
    )
    client_mutation_key: str | None = option(KEY)


@strawberry.type
class MeetingVerbs:
    """The verbs on meetings."""

    @strawberry.mutation(
        description="Call a meeting of a unit, for those who serve there or above."
    )
    async def meeting_call(self, info: InfoOf, input: Input[MeetingCallInput]) -> MeetingPayload:
        new = NewMeeting(read_id(input.unit_id, "unit"), input.title, input.at, known(input.duty))

        async def effect(work: Work) -> Any:
            return await meeting_write.call(work, new)

        return await answer(info, "MEETING_CALL", input, effect)

    @strawberry.mutation(
        description="Say that a meeting was held, and what was said; nothing more can be put "
        "before it."
    )
    async def meeting_hold(self, info: InfoOf, input: Input[MeetingHoldInput]) -> MeetingPayload:
        told = Held(read_id(input.meeting_id, "meeting"), known(input.held_at), input.minutes)

        async def effect(work: Work) -> Any:
            return await meeting_write.hold(work, told)

        return await answer(info, "MEETING_HOLD", input, effect)
