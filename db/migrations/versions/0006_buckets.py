"""Buckets of points, for servers of several processes that share them"""

from alembic import op

from db.policies import APP_ROLE

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    # Of no place and of no row of one: a principal is a keyed digest, which only the server can
    # make. UNLOGGED: what it holds is worth nothing a minute later.
    op.execute(
        "CREATE UNLOGGED TABLE bucket (principal bytea PRIMARY KEY, used double precision NOT NULL,"
        " at timestamptz NOT NULL, granted boolean NOT NULL) WITH (fillfactor = 50)"
    )
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON bucket TO {APP_ROLE}")
