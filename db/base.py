"""The metadata every table registers in, with one naming rule for constraints."""

import re

from sqlalchemy.orm import declared_attr
from sqlmodel import SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")


class Row(SQLModel):
    """Any row of any table; the table is the class's name in snake case."""

    @declared_attr.directive
    def __tablename__(cls) -> str:  # pyright: ignore  # noqa: N805  # SQLAlchemy passes the class
        return CAPITAL.sub("_", cls.__name__).lower()


class PlaceRow(Row):
    """A row that belongs to one locality: its key begins with `locality_id`."""

    locality_id: str
