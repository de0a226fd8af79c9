"""Typed reading of tables from a TOML file; every problem is noted, none stops the reading."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from typing import TypeVar, cast

from domain.profile import Problem

E = TypeVar("E", bound=StrEnum)

CODE = re.compile(r"[a-z][a-z0-9_]*")
"""What a code inside a profile looks like."""


def nearest(word: str, allowed: Iterable[str]) -> str:
    """A question about the nearest allowed word, or nothing when none is near."""
    words = list(allowed)
    near = get_close_matches(word, words, n=1) or get_close_matches(word.upper(), words, n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def suggestion(word: str, allowed: Iterable[str]) -> str:
    """The end of a reason: the nearest allowed word if there is one, and all of them."""
    words = list(allowed)
    return f"{nearest(word, words)}; allowed: {', '.join(words) or 'none'}"


@dataclass(slots=True)
class Notes:
    """The problems found so far in one file."""

    file: str
    problems: list[Problem] = field(default_factory=list[Problem])

    def add(self, key: str, reason: str) -> None:
        """Note that something is wrong at a key."""
        self.problems.append(Problem(self.file, key, reason))

    def known(self, key: str, what: str, code: str, allowed: Iterable[str]) -> bool:
        """Whether a code is among those allowed; noted when it is not."""
        words = list(allowed)
        if code not in words:
            self.add(key, f"no {what} {code!r}{suggestion(code, words)}")
        return code in words


class Table:
    """One table being read: each getter takes a key off and returns a value of its type.

    A wrong or missing value is noted and replaced by a harmless one, so that reading goes on
    and every problem is found; the result is thrown away when there are any.
    """

    def __init__(self, data: dict[str, object], key: str, notes: Notes) -> None:
        self.data = data
        self.key = key
        self.notes = notes
        self.asked: list[str] = []

    def at(self, key: str) -> str:
        """The full key of one of this table's values."""
        return f"{self.key}.{key}" if self.key else key

    def has(self, key: str) -> bool:
        """Whether the file gives this key."""
        return key in self.data

    def _take(self, key: str, wanted: type, what: str, default: object) -> object:
        self.asked.append(key)
        if key not in self.data:
            if default is None:
                self.notes.add(self.at(key), f"is missing; must be {what}")
            return default
        value = self.data[key]
        # bool is an int to Python, never to a reader
        if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
            self.notes.add(self.at(key), f"must be {what}, not {value!r}")
            return None
        return value

    def text(self, key: str, default: str | None = None) -> str:
        """A text; one that is required may not be empty."""
        value = cast("str | None", self._take(key, str, "a text", default))
        if value == "" and default is None:
            self.notes.add(self.at(key), "must not be empty")
        return value or ""

    def matching(self, key: str, pattern: re.Pattern[str], what: str) -> str:
        """A text of a given form."""
        value = self.text(key)
        if value and not pattern.fullmatch(value):
            self.notes.add(self.at(key), f"must be {what}, not {value!r}")
        return value

    def code(self, key: str = "code") -> str:
        """A code: lower-case letters, digits and underscores."""
        return self.matching(key, CODE, "lower-case letters, digits and underscores")

    def whole(self, key: str, least: int, default: int | None = None) -> int:
        """A whole number, no smaller than the least."""
        what = f"a whole number, {least} or more"
        value = cast("int | None", self._take(key, int, what, default))
        if value is not None and value < least:
            self.notes.add(self.at(key), f"must be {what}, not {value}")
        return least if value is None else value

    def maybe_whole(self, key: str, least: int) -> int | None:
        """A whole number, or None when the key is absent."""
        self.asked.append(key)
        return self.whole(key, least) if self.has(key) else None

    def maybe_text(self, key: str) -> str | None:
        """A text, or None when the key is absent."""
        self.asked.append(key)
        return self.text(key) if self.has(key) else None

    def flag(self, key: str, default: bool | None = None) -> bool:
        """True or false."""
        return bool(self._take(key, bool, "true or false", default))

    def choice(self, key: str, among: type[E]) -> E:
        """A member of a closed vocabulary."""
        value = self.text(key)
        return self._member(self.at(key), value, among) if value else next(iter(among))

    def choices(self, key: str, among: type[E], least: int = 1) -> tuple[E, ...]:
        """Members of a closed vocabulary, at least one unless it is said otherwise."""
        values = self.texts(key, least=least)
        return tuple(
            self._member(f"{self.at(key)}[{i}]", value, among) for i, value in enumerate(values)
        )

    def _member(self, key: str, value: str, among: type[E]) -> E:
        members = {member.value: member for member in among}
        if value in members:
            return members[value]
        self.notes.add(key, f"unknown value {value!r}{suggestion(value, members)}")
        return next(iter(among))

    def texts(self, key: str, least: int = 0) -> tuple[str, ...]:
        """A list of texts; absent means empty unless some are required."""
        what = "a list of texts"
        values = cast("list[object] | None", self._take(key, list, what, None if least else []))
        kept: list[str] = []
        for i, value in enumerate(values or []):
            if isinstance(value, str):
                kept.append(value)
            else:
                self.notes.add(f"{self.at(key)}[{i}]", f"must be a text, not {value!r}")
        if values is not None and len(values) < least:
            self.notes.add(self.at(key), f"must name at least {least}")
        return tuple(kept)

    def table(self, key: str) -> "Table":
        """A table below this one."""
        value = cast("dict[str, object] | None", self._take(key, dict, "a table", None))
        return Table(value or {}, self.at(key), self.notes)

    def tables(self, key: str, least: int = 0) -> list["Table"]:
        """A list of tables below this one."""
        what = "a list of tables"
        values = cast("list[object] | None", self._take(key, list, what, None if least else []))
        kept: list[Table] = []
        for i, value in enumerate(values or []):
            place = f"{self.at(key)}[{i}]"
            if isinstance(value, dict):
                kept.append(Table(cast("dict[str, object]", value), place, self.notes))
            else:
                self.notes.add(place, f"must be a table, not {value!r}")
        if values is not None and len(values) < least:
            self.notes.add(self.at(key), f"must have at least {least}")
        return kept

    def done(self, *also: str) -> None:
        """Note every key that nobody asked for."""
        asked = [*dict.fromkeys((*self.asked, *also))]
        for key in self.data:
            if key not in asked:
                self.notes.add(self.at(key), f"unknown key{suggestion(key, asked)}")
