"""A served database as a client meets it: requests over ASGI, real tokens, SQL as the owner."""

from collections.abc import Mapping
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg
import httpx
import orjson
from joserfc.jwk import OctKey

from db.listen import Bell
from db.pool import Database
from server.app import make_app
from server.people import Found, find
from server.tokens import Identity, issue
from tests.conftest import Scratch

KEY = OctKey.import_key("a secret of the tests, long enough to sign")

Owner: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


class Site:
    """The application over one database."""

    def __init__(self, scratch: Scratch, database: Database, owner: Owner) -> None:
        self.scratch = scratch
        self.database = database
        self.owner = owner
        self.bell = Bell(scratch.app_dsn)
        self.app = make_app(database, KEY, bell=self.bell, demo=True)
        self._found: dict[str, Found] = {}

    @classmethod
    async def open(cls, scratch: Scratch, size: int = 10) -> "Site":
        """Serve a database."""
        database = await Database.connect(scratch.app_dsn, size)
        return cls(scratch, database, await asyncpg.connect(scratch.owner_dsn))

    async def close(self) -> None:
        """Let go of the database."""
        await self.owner.close()
        await self.database.close()

    def client(self) -> httpx.AsyncClient:
        """A client of the application."""
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app, raise_app_exceptions=False),
            base_url="http://linli.test",
        )

    async def person(self, name: str) -> Found:
        """Whom a name stands for, as `linli token --as` understands it."""
        if name not in self._found:
            people = await find(self.scratch.owner_dsn, name)
            assert len(people) == 1, (name, people)
            self._found[name] = people[0]
        return self._found[name]

    async def token(self, name: str) -> str:
        """A bearer token for somebody."""
        person = await self.person(name)
        return issue(KEY, Identity(person.locality, person.person))

    async def headers(self, name: str | None) -> dict[str, str]:
        """The headers of somebody; of the public for None."""
        return {} if name is None else {"authorization": f"Bearer {await self.token(name)}"}

    async def post(
        self,
        query: str,
        variables: Mapping[str, Any] | None = None,
        by: str | None = None,
        headers: Mapping[str, str] | None = None,
        operation: str | None = None,
    ) -> httpx.Response:
        """Send one operation."""
        body = {"query": query, "variables": variables, "operationName": operation}
        sent = {"content-type": "application/json", **await self.headers(by), **(headers or {})}
        async with self.client() as client:
            return await client.post("/graphql", content=orjson.dumps(body), headers=sent)

    async def ask(
        self, query: str, by: str | None = None, operation: str | None = None, **variables: Any
    ) -> Any:
        """The data of an operation that must succeed."""
        answer = await self.post(query, variables, by, operation=operation)
        body = answer.json()
        assert answer.status_code == 200, body
        assert "errors" not in body, body
        return body["data"]

    async def errors(self, query: str, by: str | None = None, **variables: Any) -> list[Any]:
        """The errors of an operation that must fail."""
        answer = await self.post(query, variables, by)
        return answer.json()["errors"]

    async def unit(self, locality: str, name: str) -> str:
        """The id of a unit by its name."""
        sql = "SELECT id FROM org_unit WHERE locality_id = $1 AND name = $2"
        return f"unit_{locality}_{await self.owner.fetchval(sql, locality, name)}"

    async def ticket(self, title: str) -> str:
        """The id of the ticket with that title."""
        row = await self.owner.fetchrow(
            "SELECT locality_id, id FROM ticket WHERE title = $1", title
        )
        assert row is not None, title
        return f"ticket_{row['locality_id']}_{row['id']}"

    async def count(self, table: str) -> int:
        """How many rows a table has."""
        return await self.owner.fetchval(f"SELECT count(*) FROM {table}")

    async def astray(self) -> list[UUID]:
        """Tickets whose subtrees say anything else of them than they do."""
        return [row["id"] for row in await self.owner.fetch(ASTRAY)]


ASTRAY = """
SELECT t.id FROM ticket t LEFT JOIN ticket_scope s ON s.locality_id = t.locality_id
    AND s.ticket_id = t.id AND s.created_at = t.created_at AND t.unit_path ^@ s.path
    AND (s.status, s.open) = (t.status, t.open)
GROUP BY t.locality_id, t.id HAVING count(s.path) <> length(t.unit_path) / 4
"""


def key_of(node_id: str) -> UUID:
    """The database's key in a global id."""
    return UUID(node_id.rpartition("_")[2])
