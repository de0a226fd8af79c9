"""Values that change from request to request: SQL parameters and where each comes from."""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import BindParameter, ColumnElement, and_, bindparam
from sqlalchemy.types import TypeEngine

from compiler.errors import InputError


@dataclass(frozen=True)
class Slot:
    """A place in the request's variables, standing in for its value while compiling."""

    path: tuple[str | int, ...]

    def read(self, variables: Any) -> Any:
        """The value at that place."""
        for step in self.path:
            variables = variables[step]
        return variables


@dataclass(frozen=True)
class Fixed:
    """A value written in the document itself."""

    value: Any

    def read(self, variables: Any) -> Any:
        return self.value


@dataclass(frozen=True)
class Several:
    """A list written in the document, some of whose items are variables."""

    items: tuple[Slot | Fixed, ...]

    def read(self, variables: Any) -> Any:
        return [item.read(variables) for item in self.items]


@dataclass(frozen=True)
class FromScope:
    """A value of the caller's scope: `locality`, `person`, `prefixes`."""

    name: str


Source = Slot | Fixed | Several | FromScope
Convert = Callable[[Any], Any]

Path = tuple[str, ...]
"""The response names that lead to a field; places in lists are not known before they are read."""


@dataclass(frozen=True)
class Bind:
    """How one SQL parameter gets its value in a request."""

    source: Source
    convert: Convert
    path: Path = ()

    @property
    def constant(self) -> bool:
        """Whether the value is the same in each request."""
        return isinstance(self.source, Fixed) and self.convert is same

    def value(self, variables: Any, scope: Any) -> Any:
        """The parameter's value for these variables and this caller; InputError if it is a bad one."""
        if isinstance(self.source, FromScope):
            return self.convert(getattr(scope, self.source.name))
        try:
            return self.convert(self.source.read(variables))
        except InputError as error:
            error.blame(self.path)
            raise


def source_of(value: Any) -> Slot | Fixed | Several:
    """Where a coerced argument's value comes from in each request."""
    if isinstance(value, Slot):
        return value
    if isinstance(value, list):
        items = cast("list[Any]", value)
        return Several(tuple(it if isinstance(it, Slot) else Fixed(it) for it in items))
    return Fixed(value)


def same(value: Any) -> Any:
    """Leave a value as it is."""
    return value


class Binds:
    """The parameters of one statement under construction."""

    def __init__(self) -> None:
        self._path: Path = ()
        self._binds: dict[str, Bind] = {}
        self._known: dict[Any, BindParameter[Any]] = {}
        self.checks: list[Bind] = []
        self.demands: dict[str, tuple[ColumnElement[bool], str]] = {}

    @contextmanager
    def within(self, name: str) -> Generator[None]:
        """What is added in the block is asked for by the field of that response name."""
        above = self._path
        self._path = (*above, name)
        try:
            yield
        except InputError as error:
            error.blame(self._path)
            raise
        finally:
            self._path = above

    def add(
        self, source: Source, type_: TypeEngine[Any], convert: Convert = same
    ) -> BindParameter[Any]:
        """A parameter fed from a source; the same source and conversion give the same one."""
        written = isinstance(source, Fixed | Several)
        known_by = None if written else (source, str(type_), convert)
        if known_by is not None and known_by in self._known:
            return self._known[known_by]
        name = f"b{len(self._binds)}"
        self._binds[name] = Bind(source, convert, self._path)
        parameter = bindparam(name, type_=type_)
        if known_by is not None:
            self._known[known_by] = parameter
        return parameter

    def check(self, source: Source, convert: Convert) -> None:
        """Have a value read in each request only to see that it is a right one."""
        self.checks.append(Bind(source, convert, self._path))

    def check_also(self, parameter: Any, convert: Convert) -> None:
        """Have the value of a parameter made before read so, only to see that it is a right one."""
        self.check(self._binds[parameter.key].source, convert)

    def demand(self, holds: ColumnElement[bool], code: str, message: str) -> None:
        """Have the database itself see that something holds, or answer with that error's code."""
        before = self.demands.get(code)
        self.demands[code] = (holds if before is None else and_(before[0], holds), message)

    def in_order(self, names: Sequence[str], constants: Mapping[str, Any]) -> tuple[Bind, ...]:
        """The binds in the statement's positional order; names not ours are constants."""
        return tuple(self._binds.get(name) or Bind(Fixed(constants[name]), same) for name in names)
