"""Who sees which Python row: the rules of the design, told again without SQL."""

from typing import Any

from db.scope import Scope
from tests.compiler.world import Row, World

# Public facts: the places, their profiles, units, posts and who holds them.
PUBLIC = (
    "division",
    "locality",
    "profile_revision",
    "level",
    "category",
    "org_unit",
    "post",
    "appointment",
    "statistic_month",
)


class Sight:
    """The world as one viewer sees it."""

    def __init__(self, world: World, viewer: Scope) -> None:
        self.viewer = viewer
        self.disclosed: list[dict[str, str]] = []
        self._rows = {
            table: [row for row in rows if self._sees(table, row)]
            for table, rows in world.rows.items()
        }

    def rows(self, table: str, **values: Any) -> list[Row]:
        """The rows the viewer sees that have these values."""
        return [
            row
            for row in self._rows[table]
            if all(row[name] == value for name, value in values.items())
        ]

    def one(self, table: str, **values: Any) -> Row | None:
        """The only such row, if there is one and the viewer sees it."""
        found = self.rows(table, **values)
        assert len(found) <= 1
        return found[0] if found else None

    def _sees(self, table: str, row: Row) -> bool:
        if table in PUBLIC:
            return True
        if table == "person" and row["published"]:
            return True
        if table == "statistic" and not row["fine"]:
            return True
        if row["locality_id"] != self.viewer.locality:
            return False
        if table == "statistic":
            return "DATA_CONSUMER" in self.viewer.offices
        if table == "disclosure":
            mine = self._self(row["subject_id"]) or self._self(row["actor_id"])
            return mine or "AUDITOR" in self.viewer.offices
        if table == "disclosure_head":
            return True
        if table in ("login", "office", "access_token"):
            return self._self(row["person_id"]) or "ADMINISTRATOR" in self.viewer.offices
        if table in ("erasure", "client_mutation"):
            return self._self(row["person_id"])
        if table in ("webhook", "webhook_delivery", "webhook_attempt"):
            return self._serves(row["root_path"]) or self._self(row["owner_id"])
        if table == "meeting" or self._serves(row["unit_path"]) or self._called(row):
            return True
        match table:
            case "person":
                return self._self(row["id"])
            case "person_private":
                return self._self(row["person_id"])
            case "ticket" | "ticket_event" | "escalation_hop" | "agenda_item" | "attachment":
                return self._serves(row["handler_path"]) or self._self(row["reporter_id"])
            case "service_record" | "service_record_event":
                return self._serves(row["handler_path"]) or self._took_part(row)
            case "visit_private":
                return self._took_part(row)
        raise AssertionError(f"no rule for {table}")

    def _serves(self, path: str) -> bool:
        """Whether the unit lies in a subtree the viewer was appointed to."""
        return any(path[: len(prefix)] == prefix for prefix in self.viewer.prefixes)

    def _called(self, row: Row) -> bool:
        """Whether a unit in one of the viewer's subtrees was called to help."""
        return any(scope in self.viewer.prefixes for scope in row.get("joint_scopes") or ())

    def _took_part(self, row: Row) -> bool:
        """Whether the viewer gave the service, or it was for them."""
        return self._self(row["person_id"]) or self._self(row["recipient_id"])

    def _self(self, person: Any) -> bool:
        return person is not None and person == self.viewer.person
