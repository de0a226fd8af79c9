"""Alembic's entry: runs the versions over the connection that db.migrate hands in."""

from alembic import context
from sqlalchemy import Connection

from db.tables import METADATA


def run(connection: Connection) -> None:
    """Run the pending versions, each in a transaction of its own."""
    context.configure(
        connection=connection, target_metadata=METADATA, transaction_per_migration=True
    )
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])
