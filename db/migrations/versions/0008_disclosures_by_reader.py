"""Of whom somebody has read personal data of late"""

from alembic import op

revision = "0008"
down_revision = "0007"

NAME = op.f("ix_disclosure_locality_id_actor_id_at")


def upgrade() -> None:
    # Not CONCURRENTLY: that waits for every reader of the server's, and gives way to each of them.
    op.create_index(NAME, "disclosure", ["locality_id", "actor_id", "at"])


def downgrade() -> None:
    op.drop_index(NAME, "disclosure")
