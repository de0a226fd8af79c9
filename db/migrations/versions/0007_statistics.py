"""Published counts, and the months they are published for"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

C_TEXT = sa.Text(collation="C")


def upgrade() -> None:
    op.create_table(
        "statistic",
        sa.Column("locality_id", C_TEXT, nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("breakdown", C_TEXT, nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("code", C_TEXT, nullable=False),
        sa.Column("opened", sa.Integer(), nullable=True),
        sa.Column("closed", sa.Integer(), nullable=True),
        sa.Column("overdue", sa.Integer(), nullable=True),
        sa.Column("pending", sa.Integer(), nullable=True),
        sa.Column("usual_span", sa.Text(), nullable=True),
        sa.Column("top", sa.Boolean(), nullable=False),
        sa.Column("fine", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "breakdown IN ('TOTAL', 'CATEGORY', 'STATUS', 'LEVEL', 'SPAN')",
            name=op.f("ck_statistic_breakdown"),
        ),
        sa.CheckConstraint(
            "usual_span IN ('DAY', 'THREE_DAYS', 'WEEK', 'MONTH', 'LONGER')",
            name=op.f("ck_statistic_usual_span"),
        ),
        sa.ForeignKeyConstraint(
            ["locality_id", "unit_id"],
            ["org_unit.locality_id", "org_unit.id"],
            name=op.f("fk_statistic_locality_id_unit_id"),
        ),
        sa.PrimaryKeyConstraint(
            "locality_id", "unit_id", "breakdown", "month", "code", name=op.f("pk_statistic")
        ),
    )
    op.create_index(
        "ix_statistic_top",
        "statistic",
        ["locality_id", "breakdown", "month", "code", "unit_id"],
        unique=False,
        postgresql_where=sa.text("top"),
    )
    op.create_table(
        "statistic_month",
        sa.Column("locality_id", C_TEXT, nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("locality_id", "month", name=op.f("pk_statistic_month")),
    )


def downgrade() -> None:
    op.drop_table("statistic_month")
    op.drop_table("statistic")
