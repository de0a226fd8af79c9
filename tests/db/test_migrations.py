"""The migrations make what the tables declare: nothing is left out, nothing left behind."""

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from db.migrate import with_connection
from db.tables import METADATA
from tests.conftest import Scratch

BESIDE = "bucket"
"""Counts points, and is no table of the model (`db.bucket`)."""


def told(name: str | None, kind: str, _parents: Any) -> bool:
    return (kind, name) != ("table", BESIDE)


async def test_the_database_has_what_the_tables_declare(scratch: Scratch) -> None:
    found: list[Any] = []

    def compare(connection: Connection) -> None:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_name": told}
        )
        found.extend(compare_metadata(context, METADATA))

    await with_connection(scratch.owner_dsn, compare)
    assert found == []
