"""The caller's scope as SQL parameters."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Text, Uuid

from compiler.binds import Binds, Convert, FromScope


class Beside:
    """A caller's scope with further values that parameters are fed from."""

    def __init__(self, scope: Any, **further: Any) -> None:
        self._scope = scope
        self.__dict__ |= further

    def __getattr__(self, name: str) -> Any:
        return getattr(self._scope, name)


@dataclass(frozen=True)
class ScopeBinds:
    """What the row conditions and the roots compare with: the caller's own values."""

    binds: Binds

    @property
    def locality(self) -> ColumnElement[str]:
        return self.binds.add(FromScope("locality"), Text())

    @property
    def prefixes(self) -> ColumnElement[Any]:
        return self.binds.add(FromScope("prefixes"), ARRAY(Text()))

    @property
    def person(self) -> ColumnElement[UUID]:
        return self.binds.add(FromScope("person"), Uuid())

    @property
    def offices(self) -> ColumnElement[Any]:
        return self.binds.add(FromScope("offices"), ARRAY(Text()))

    @property
    def key(self) -> ColumnElement[UUID]:
        """In a mutation's payload: the key of what was made or changed."""
        return self.binds.add(FromScope("key"), Uuid())

    def own_locality(self, check: Convert) -> ColumnElement[str]:
        """The caller's locality, checked in each request."""
        return self.binds.add(FromScope("locality"), Text(), check)
