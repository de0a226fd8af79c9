"""A mark in every text of every row that is not public: it names the row wherever it comes out."""

import re
from collections.abc import Iterator
from typing import Any

from db.scope import Scope
from db.tables import METADATA
from db.visibility import SEEN
from tests.compiler.world_plan import Row, World
from tests.matrix.oracle import PUBLIC, Insight

MARK = re.compile(rb"~([a-z_]+)\.(\d+)\.([a-z_]+)~", re.IGNORECASE)
MASKED = re.compile(rb"~p(?:0\*{4})?(\d{4})")
"""What a masked phone number or address lets through: enough to tell whose it is."""
WHOLE = b", in the lane behind the gate"
UNMASKED = re.compile(rb"~p0~\d+|" + WHOLE)
COUNTED = re.compile(rb":\s?(77|78)(\d{6})\b")
NUMBERS = {"77": ("webhook_attempt", "milliseconds"), "78": ("statistic", "opened")}
"""A number where a row has no text: how it begins, and the column it is in."""
ID = re.compile(rb"([a-z]+)_([a-z][a-z0-9_]*)_([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")

NEVER = {
    ("person_private", "phone"),
    ("person_private", "address"),
    ("attachment", "object_key"),
    ("attachment", "digest"),
    ("webhook", "seen_epoch"),
    ("client_mutation", "client_key"),
    ("client_mutation", "input_digest"),
}
"""What no answer to a question of the matrix holds whole."""
TOLD = {"change": ("id", "key"), "disclosure": ("actor_id", "subject_id")}
"""Ids that a row gives out of what its reader may no longer, or not, see: it says that one of their
copies is out of date; an auditor reads who looked at whose data."""
LEARNT = ("living_situation", "needs", "skills", "difficulties")
"""What a visit learnt is read by the visitor and the visited alone."""

Leak = tuple[str, ...]


def marked(model: Any) -> list[str]:
    """The columns of a table that are free text."""
    table = METADATA.tables[model.__tablename__]
    return [
        column.name
        for column in table.columns
        if model.model_fields[column.name].annotation in (str, str | None)
        and not column.foreign_keys
        and not column.name.endswith(("_id", "_path", "code"))
        and column.computed is None
    ]


def plant(world: World) -> None:
    """Mark every text of every row that not everybody sees."""
    for model in SEEN:
        table = str(model.__tablename__)
        if table in PUBLIC:
            continue
        for number, row in enumerate(world.rows.get(table, ())):
            if row.get("published"):
                continue
            for name in marked(model):
                if row.get(name) is not None:
                    row[name] = f"~{table}.{number}.{name}~"
            if table == "ticket":  # as all numbers are, in capitals
                row["number"] = row["number"].upper()
            if table == "person_private":
                row["phone"] = f"~p0~{number:09}"
                row["address"] = f"~p{number:04}{WHOLE.decode()}"
                row |= {name: f"~{table}.{number}.{name}~" for name in LEARNT}
            for start, (of, name) in NUMBERS.items():
                if of == table:
                    row[name] = int(f"{start}{number:06}")


class Allowed:
    """What one viewer may find in an answer."""

    def __init__(self, world: World, viewer: Scope) -> None:
        sight = Insight(world, viewer)
        self._sight = sight
        self.rows = {
            table: {number for number, row in enumerate(rows) if sight.sees(table, row)}
            for table, rows in world.rows.items()
        }
        self.ids = {
            str(row["id"])
            for table, rows in world.rows.items()
            for row in rows
            if "id" in row and sight.sees(table, row)
        }
        self.ids |= {
            str(row[name])
            for table, names in TOLD.items()
            for row in sight.rows(table)
            for name in names
        }
        self._world = world

    def leaks(self, body: bytes) -> Iterator[Leak]:
        """All that an answer holds and should not."""
        for table, number, name in MARK.findall(body):
            of, column = table.decode().lower(), name.decode().lower()
            if not self._may(of, int(number), column):
                yield of, number.decode(), column
        for number in MASKED.findall(body):
            if int(number) not in self.rows["person_private"]:
                yield "person_private", number.decode(), "masked"
        for text in UNMASKED.findall(body):
            yield "person_private", text.decode(), "whole"
        for start, number in COUNTED.findall(body):
            table, name = NUMBERS[start.decode()]
            if int(number) not in self.rows[table]:
                yield table, number.decode(), name
        for tag, place, key in ID.findall(body):
            if key.decode() not in self.ids:
                yield tag.decode(), place.decode(), key.decode()

    def _may(self, table: str, number: int, name: str) -> bool:
        if (table, name) in NEVER or number not in self.rows[table]:
            return False
        if table == "visit_private" and name in LEARNT:
            return self._sight.took_part(self._world.rows[table][number])
        return table != "person_private"


def found(body: bytes) -> bool:
    """Whether there is any mark in an answer."""
    return any(each.search(body) for each in (MARK, MASKED, COUNTED, ID))


def relation(row: Row, viewer: Scope) -> str:
    """How a row's unit lies to a viewer's: own, an ancestor, a sibling, or of another place."""
    if row["locality_id"] != viewer.locality:
        return "foreign"
    path = row.get("unit_path") or row.get("root_path") or row.get("path") or ""
    if any(path.startswith(prefix) for prefix in viewer.prefixes):
        return "own"
    return "ancestor" if any(each.startswith(path) for each in viewer.prefixes) else "sibling"
