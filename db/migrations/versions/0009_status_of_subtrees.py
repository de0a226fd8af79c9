"""Where a ticket stands, beside each subtree that it lies in"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

COLUMN = "ALTER TABLE ticket_scope ADD COLUMN IF NOT EXISTS status text"
PAGES = "SELECT pg_relation_size('ticket_scope') / current_setting('block_size')::bigint"
EACH = 50
"""Pages at a time, some thousands of rows: whoever wants to write one of them waits a moment."""

FILL = """
UPDATE ticket_scope s SET status = t.status FROM ticket t
WHERE s.ctid >= '({start},0)' AND s.ctid < '({end},0)' AND s.status IS DISTINCT FROM t.status
    AND t.locality_id = s.locality_id AND t.id = s.ticket_id
"""
INDEXES = {
    "ix_ticket_scope_status": "ticket_scope (locality_id, path, status, created_at, ticket_id)",
    "ix_ticket_status": "ticket (locality_id, status, created_at, id)",
}
STATUSES = (
    "'REPORTED', 'ACCEPTED', 'REJECTED', 'MERGED', 'WITHDRAWN', 'DISPATCHED', 'DISPUTED', "
    "'IN_PROGRESS', 'JOINT', 'TABLED', 'DELIBERATING', 'EXTENDED', 'EXPLAINED', 'RESOLVED', "
    "'VERIFIED', 'FOLLOWED_UP', 'REOPENED', 'CLOSED'"
)
RULES = {
    "ck_ticket_scope_known": "status IS NOT NULL",
    "ck_ticket_scope_status": f"status IN ({STATUSES})",
    "ck_ticket_scope_open": "open = (status NOT IN ('CLOSED', 'REJECTED', 'MERGED', 'WITHDRAWN'))",
}


def upgrade() -> None:
    """Each statement by itself, none of which keeps others waiting; done again, it goes on."""
    with op.get_context().autocommit_block():
        op.execute(COLUMN)
        _fill()
        _index()
        for name, rule in RULES.items():
            op.execute(f"ALTER TABLE ticket_scope DROP CONSTRAINT IF EXISTS {name}")
            op.execute(f"ALTER TABLE ticket_scope ADD CONSTRAINT {name} CHECK ({rule}) NOT VALID")
        # What servers of the version before did meanwhile; from now on they can report and end none.
        _fill()
        for name in RULES:
            op.execute(f"ALTER TABLE ticket_scope VALIDATE CONSTRAINT {name}")
        # Proven by the first rule: the table is not read for it.
        op.execute("ALTER TABLE ticket_scope ALTER COLUMN status SET NOT NULL")
        op.execute("ALTER TABLE ticket_scope DROP CONSTRAINT ck_ticket_scope_known")


def downgrade() -> None:
    op.drop_index("ix_ticket_status", "ticket")
    op.drop_column("ticket_scope", "status")


def _fill() -> None:
    pages = op.get_bind().scalar(sa.text(PAGES)) or 0
    for start in range(0, pages, EACH):
        op.execute(FILL.format(start=start, end=start + EACH))


def _index() -> None:
    wait = op.get_bind().scalar(sa.text("SHOW lock_timeout"))
    # Built CONCURRENTLY it waits for others, however long, but none waits for it.
    op.execute("SET lock_timeout = 0")
    for name, on in INDEXES.items():
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
        op.execute(f"CREATE INDEX CONCURRENTLY {name} ON {on}")
    op.execute(f"SET lock_timeout = '{wait}'")
