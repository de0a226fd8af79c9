"""Whoever calls: from the token that is sent to what its person may see at this moment."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from db.fresh import fetch_freshly
from db.pool import Database
from db.scope import PUBLIC, Scope
from db.signing import Signer
from server.body import Refused
from server.context import Context
from server.tokens import Identity, TokenError, verify

Values = list[Any]


@dataclass(frozen=True)
class Caller:
    """Who calls (None: anyone), and in which language they are spoken to."""

    identity: Identity | None
    language: str


@dataclass(frozen=True)
class Callers:
    """Knows callers by their tokens and by the database."""

    database: Database
    key: Any
    signer: Signer
    webhooks_to_private: bool = False
    """As in `server.settings`."""

    def identify(self, authorization: str | None) -> Identity | None:
        """Whom an Authorization header names; None without one."""
        if authorization is None:
            return None
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer":
            raise unauthenticated("Send `Authorization: Bearer <token>`.")
        try:
            return verify(self.key, token.strip())
        except TokenError as error:
            raise unauthenticated(str(error)) from error

    async def scope(self, identity: Identity | None) -> Scope:
        """What they may see, by the appointments of today."""
        if identity is None:
            return PUBLIC
        _check(identity)
        return self._known(await self.database.scope_of(identity.locality, identity.person))

    async def fetch(self, identity: Identity, sql: str, values: Callable[[Scope], Values]) -> bytes:
        """What a statement yields under the scope of the same moment."""
        _check(identity)

        def ask(found: Scope | None) -> tuple[Scope, str, Values]:
            scope = self._known(found)
            return scope, sql, values(scope)

        own = Scope(identity.locality, identity.person)
        return await fetch_freshly(self.database, own, ask)

    def _known(self, scope: Scope | None) -> Scope:
        if scope is None:
            raise unauthenticated("The person this token names is not here.")
        return replace(scope, signer=self.signer)

    async def context(self, caller: Caller) -> Context:
        """The context of one operation."""
        scope = await self.scope(caller.identity)
        return Context(self.database, scope, caller.language, self.webhooks_to_private)


def _check(identity: Identity) -> None:
    if identity.expired:
        raise unauthenticated("This token has expired.")


def unauthenticated(message: str) -> Refused:
    """The caller is not, or no longer, who they say."""
    return Refused(401, "UNAUTHENTICATED", message)
