"""Disclosures and their chain; requests to be forgotten"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

C_TEXT = sa.Text(collation="C")
FIELDS = "'PHONE', 'ADDRESS', 'LIVING_SITUATION', 'NEEDS', 'SKILLS', 'DIFFICULTIES'"
NOBODY = "00000000-0000-0000-0000-000000000000"
PURPOSES = "'OWN', 'CONTACT_REPORTER', 'HOME_VISIT', 'EMERGENCY'"

# Whoever row-level security holds for moves these rows forward only. A policy sees a row as it was
# or as it is to be, and cannot compare the two; a trigger can, and looks at nothing else.
REFUSE = """
CREATE OR REPLACE FUNCTION linli_forward_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF row_security_active(TG_RELID) THEN
        RAISE insufficient_privilege
            USING MESSAGE = format('row-level security: %s moves forward only', TG_TABLE_NAME);
    END IF;
    RETURN NEW;
END $$
"""
REFUSED = {
    "access_token": """
    OLD.revoked_at IS NOT NULL
    AND (NEW.revoked_at, NEW.revoked_by_id) IS DISTINCT FROM (OLD.revoked_at, OLD.revoked_by_id)
    """,
    # Locked as it is; one row longer; or shorter at its beginning, by the server itself.
    "disclosure_head": f"""
    NEW.* IS DISTINCT FROM OLD.*
    AND NOT (
        NEW.sequence = OLD.sequence + 1
        AND (NEW.removed, NEW.removed_digest) = (OLD.removed, OLD.removed_digest)
    ) AND NOT (
        (NEW.sequence, NEW.digest) = (OLD.sequence, OLD.digest)
        AND NEW.removed BETWEEN OLD.removed + 1 AND OLD.sequence
        AND coalesce(current_setting('linli.person', true), '') = '{NOBODY}'
    )
    """,
}


def upgrade() -> None:
    op.create_table(
        "disclosure",
        sa.Column("locality_id", C_TEXT, nullable=False),
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("post_id", sa.Uuid(), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=True),
        sa.Column("record_id", sa.Uuid(), nullable=True),
        sa.Column("answer_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(f"field IN ({FIELDS})", name=op.f("ck_disclosure_field")),
        sa.CheckConstraint(f"purpose IN ({PURPOSES})", name=op.f("ck_disclosure_purpose")),
        _refers("disclosure", "actor_id", "person"),
        _refers("disclosure", "subject_id", "person"),
        _refers("disclosure", "post_id", "post"),
        sa.PrimaryKeyConstraint("locality_id", "sequence", name=op.f("pk_disclosure")),
    )
    op.create_index(
        op.f("ix_disclosure_locality_id_subject_id_sequence"),
        "disclosure",
        ["locality_id", "subject_id", "sequence"],
    )
    op.create_table(
        "disclosure_head",
        sa.Column("locality_id", C_TEXT, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("removed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("removed_digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("locality_id", name=op.f("pk_disclosure_head")),
    )
    op.create_table(
        "erasure",
        sa.Column("locality_id", C_TEXT, nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        _refers("erasure", "person_id", "person"),
        sa.PrimaryKeyConstraint("locality_id", "person_id", name=op.f("pk_erasure")),
    )
    op.execute(REFUSE)
    for table, change in REFUSED.items():
        op.execute(
            f"CREATE TRIGGER forward_only BEFORE UPDATE ON {table} "
            f"FOR EACH ROW WHEN ({change}) EXECUTE FUNCTION linli_forward_only()"
        )


def downgrade() -> None:
    for table in REFUSED:
        op.execute(f"DROP TRIGGER forward_only ON {table}")
    op.execute("DROP FUNCTION linli_forward_only()")
    for table in ("erasure", "disclosure_head", "disclosure"):
        op.drop_table(table)


def _refers(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["locality_id", column],
        [f"{other}.locality_id", f"{other}.id"],
        name=op.f(f"fk_{table}_locality_id_{column}"),
    )
