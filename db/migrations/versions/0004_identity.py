"""Logins, access tokens and offices; whoever loses something is told of at once"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

C_TEXT = sa.Text(collation="C")
TOLD = {
    "person": "DELETE",
    "appointment": "UPDATE OR DELETE",
    "office": "UPDATE OR DELETE",
    "login": "UPDATE OR DELETE",
    "access_token": "UPDATE OF revoked_at OR DELETE",
}

# The person of a row that is no longer as it was: `db.listen` hears it, and what goes on on that
# person's behalf looks again at what it may see.
TELL = """
CREATE FUNCTION linli_tell_standing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('linli_standing', OLD.locality_id || ' ' ||
        (to_jsonb(OLD) ->> CASE TG_TABLE_NAME WHEN 'person' THEN 'id' ELSE 'person_id' END));
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    op.create_table(
        "office",
        sa.Column("locality_id", C_TEXT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), server_default=sa.text("'-infinity'"), nullable=False),
        sa.Column("valid_to", sa.Date(), server_default=sa.text("'infinity'"), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("granted_by_id", sa.Uuid(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('AUDITOR', 'DATA_CONSUMER', 'ADMINISTRATOR')", name=op.f("ck_office_kind")
        ),
        _refers("office", "person_id"),
        _refers("office", "granted_by_id"),
        _refers("office", "revoked_by_id"),
        sa.PrimaryKeyConstraint("locality_id", "id", name=op.f("pk_office")),
    )
    _index("office", "locality_id", "person_id")
    _index("office", "locality_id", "granted_at", "id")
    op.create_table(
        "login",
        sa.Column("locality_id", C_TEXT, nullable=False),
        sa.Column("issuer", C_TEXT, nullable=False),
        sa.Column("subject", C_TEXT, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        _refers("login", "person_id"),
        sa.PrimaryKeyConstraint("locality_id", "issuer", "subject", name=op.f("pk_login")),
    )
    _index("login", "digest")
    _index("login", "locality_id", "person_id")
    op.create_table(
        "access_token",
        sa.Column("locality_id", C_TEXT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", sa.ARRAY(C_TEXT), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by_id", sa.Uuid(), nullable=True),
        _refers("access_token", "person_id"),
        _refers("access_token", "revoked_by_id"),
        sa.PrimaryKeyConstraint("locality_id", "id", name=op.f("pk_access_token")),
    )
    _index("access_token", "locality_id", "digest", unique=True)
    _index("access_token", "locality_id", "person_id")
    _index("access_token", "locality_id", "created_at", "id")
    op.execute(TELL)
    for table, what in TOLD.items():
        op.execute(
            f"CREATE TRIGGER tell_standing AFTER {what} ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION linli_tell_standing()"
        )


def downgrade() -> None:
    for table in TOLD:
        op.execute(f"DROP TRIGGER tell_standing ON {table}")
    op.execute("DROP FUNCTION linli_tell_standing()")
    for table in ("access_token", "login", "office"):
        op.drop_table(table)


def _refers(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["locality_id", column],
        ["person.locality_id", "person.id"],
        name=op.f(f"fk_{table}_locality_id_{column}"),
    )


def _index(table: str, *columns: str, unique: bool = False) -> None:
    name = op.f(f"ix_{table}_{'_'.join(columns)}")
    op.create_index(name, table, list(columns), unique=unique)
