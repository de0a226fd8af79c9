"""Global ids: `<noun>_<locality>_<uuid>`, opaque to clients, routable by the server."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, cast, literal_column

from compiler.errors import InputError

PATTERN = re.compile(
    r"([a-z]+)_([a-z][a-z0-9_]{0,31})_([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"
)


@dataclass(frozen=True)
class GlobalId:
    """What an id says: the kind of noun, its locality and its key there."""

    tag: str
    locality: str
    key: UUID

    def __str__(self) -> str:
        return f"{self.tag}_{self.locality}_{self.key}"


@lru_cache(1_000)  # one id feeds several parameters; what is none is not remembered
def parse_id(text: str, tag: str | None = None) -> GlobalId:
    """Read a global id, of the given kind if one is named; a malformed one is a BAD_ID error."""
    match = PATTERN.fullmatch(text)
    if match is None or (tag is not None and match[1] != tag):
        expected = f"the id of a {tag}" if tag else "an id this server gave out"
        raise InputError("BAD_ID", f"This is not {expected}.")
    return GlobalId(match[1], match[2], UUID(match[3]))


def id_sql(tag: str, locality: Any, key: Any) -> ColumnElement[str]:
    """The same id, built by the database for a row."""
    prefix = literal_column(f"'{tag}_'", Text)
    return prefix + cast(locality, Text) + literal_column("'_'", Text) + cast(key, Text)
