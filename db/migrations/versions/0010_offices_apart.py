"""Nobody holds two offices that exclude each other, whoever gives them at once"""

from alembic import op
from sqlalchemy import text

revision = "0010"
down_revision = "0009"

NAME = "ix_office_one_side"
STANDING = "kind IN ('ADMINISTRATOR', 'AUDITOR') AND valid_to = 'infinity'"


def upgrade() -> None:
    # Whoever was given both before they excluded each other stays administrator: a place keeps those.
    op.execute(f"""
UPDATE office SET valid_to = CURRENT_DATE, revoked_at = clock_timestamp()
FROM (SELECT locality_id, id, row_number() OVER (
        PARTITION BY locality_id, person_id ORDER BY kind, valid_from, id) AS place
    FROM office WHERE {STANDING}) AS held
WHERE held.place > 1 AND office.locality_id = held.locality_id AND office.id = held.id
""")  # noqa: S608  # a constant of ours
    columns = ["locality_id", "person_id"]
    op.create_index(NAME, "office", columns, unique=True, postgresql_where=text(STANDING))


def downgrade() -> None:
    op.drop_index(NAME, "office")
