"""Of whom somebody has read personal data of late"""

from alembic import op

revision = "0008"
down_revision = "0007"

NAME = op.f("ix_disclosure_locality_id_actor_id_at")


def upgrade() -> None:
    # Not CONCURRENTLY, which waits for every transaction that is open, and here for 300 ms only. While it
    # is made nothing can be written down, so nothing in full be read: a million rows take about a second.
    op.create_index(NAME, "disclosure", ["locality_id", "actor_id", "at"])


def downgrade() -> None:
    op.drop_index(NAME, "disclosure")
