"""Administrative divisions of China: reference data, belonging to no locality."""

from datetime import date

from sqlmodel import Field

from db.base import Row
from db.columns import C_TEXT, line, one_of, path, valid_from, valid_to
from domain.terms import DivisionLevel


class Division(Row, table=True):
    """One division by its official 12-digit code; codes retire, so validity is kept."""

    __table_args__ = (one_of("level", DivisionLevel),)

    code: str = Field(primary_key=True, sa_type=C_TEXT)
    parent_code: str | None = Field(
        default=None, sa_type=C_TEXT, foreign_key="division.code", index=True
    )
    level: DivisionLevel = line()
    name: str = line()
    path: str = path()
    valid_from: date = valid_from()
    valid_to: date = valid_to()
