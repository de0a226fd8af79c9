"""What every write shares: one `input`, one effect under a key, refusals in `userErrors`."""

from dataclasses import MISSING, asdict
from typing import Annotated, Any, TypeVar

import strawberry
from strawberry.types import Info
from strawberry.utils.str_converters import to_camel_case

from compiler.ids import GlobalId, parse_id
from compiler.texts import LINE, PROSE
from domain.identity import TokenScope
from domain.refusal import RefusalCode
from resolvers.caller import Outcome, afterwards, once

KEY = (
    "A text of your own choosing that makes the request safe to repeat: sent again with the same "
    "input it gives the first answer and does nothing more. 1 to 200 characters."
)


@strawberry.type(description="Why a request was not carried out, for the person who made it.")
class UserError:
    code: RefusalCode = strawberry.field(description="Stable code.")
    message: str = strawberry.field(description="What to tell the person, in their language.")
    field: str | None = strawberry.field(
        description="The input field at fault; null if it is none of them."
    )


def payload_field(description: str) -> Any:
    """A field of a payload that the verb itself answers."""
    return strawberry.field(description=description)


SCOPE = "scope"
ADMINISTERS = {SCOPE: TokenScope.ADMIN}
"""Of a verb, that it wants a token with the scope `admin`; every verb wants `write`."""

USER_ERRORS = "Why nothing was done; empty when it was."


def needed(description: str) -> Any:
    """An input field that must be given."""
    return strawberry.field(description=description)


def given(description: str, default: Any) -> Any:
    """An input field with a default."""
    return strawberry.field(description=description, default=default)


def line(description: str, default: Any = MISSING) -> Any:
    """An input field for one line that a person writes, such as a title."""
    return strawberry.field(description=description, default=default, metadata=LINE)


def prose(description: str, default: Any = MISSING) -> Any:
    """The same for what may have several lines."""
    return strawberry.field(description=description, default=default, metadata=PROSE)


InfoOf = Info[Any, Any]
T = TypeVar("T")
Input = Annotated[T, strawberry.argument(description="What is to be done.")]


async def answer(info: InfoOf, what: str, input: Any, effect: Any) -> Any:
    """Run an effect once, then re-read what it made or changed as the client asked for it."""
    values = {name: known(each) for name, each in asdict(input).items()}
    caller, key = info.context, values.pop("client_mutation_key")
    schema: Any = info.schema
    # Before anything is done: a payload that cannot be read must not cost an effect.
    payload = await schema.payload(info, caller)
    outcome = await once(caller, what, values, key, effect)
    ready = await afterwards(payload.read(caller, outcome.key))
    ready.user_errors = _errors(outcome, caller.language)
    ready.client_mutation_key = key
    return ready


def known(value: Any) -> Any:
    """A value that was given, or None."""
    return None if value is strawberry.UNSET else value


def _errors(outcome: Outcome, language: str) -> list[UserError]:
    refusal = outcome.refusal
    if refusal is None:
        return []
    said = refusal.said(chinese=language.startswith("zh"))
    field = refusal.field and to_camel_case(refusal.field)
    return [UserError(code=refusal.code, message=said, field=field)]


def read_id(text: Any, tag: str) -> GlobalId:
    """An id of that kind of noun, taken apart."""
    return parse_id(text, tag)


def read_id_or_none(text: Any, tag: str) -> GlobalId | None:
    """The same for an id that may be left out."""
    return None if known(text) is None else parse_id(text, tag)
