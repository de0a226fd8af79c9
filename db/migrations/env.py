"""Alembic's entry: runs the versions over the connection that db.migrate hands in."""

from alembic import context
from sqlalchemy import Connection

from db.tables import METADATA


def run(connection: Connection) -> None:
    """Run the pending versions in one transaction."""
    context.configure(connection=connection, target_metadata=METADATA)
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])
