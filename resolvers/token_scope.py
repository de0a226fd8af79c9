"""What the caller's token is good for, where a verb wants more of it than to write."""

from collections.abc import Iterable
from typing import Protocol

from graphql import GraphQLError

from domain.identity import TokenScope

FORBIDDEN = "FORBIDDEN_SCOPE"


class Bearing(Protocol):
    """What is asked of the request's context."""

    @property
    def scopes(self) -> frozenset[str]: ...


def require(caller: Bearing, *wanted: TokenScope) -> None:
    """That the caller's token has those scopes; otherwise FORBIDDEN_SCOPE."""
    missing = _words(wanted) - caller.scopes
    if missing:
        said = f"This token lacks the scope `{min(missing)}`."
        raise GraphQLError(said, extensions={"code": FORBIDDEN})


def _words(scopes: Iterable[TokenScope]) -> set[str]:
    return {scope.value.lower() for scope in scopes}
