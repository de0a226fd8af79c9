"""Who sees which row of which table: the tables that `oracle_sight` knows, and all the others."""

from typing import Any

from tests.compiler import oracle_sight
from tests.compiler.oracle_sight import Sight
from tests.compiler.world import Row

PUBLIC = oracle_sight.PUBLIC


class Insight(Sight):
    """The world as one viewer sees it, down to the tables that no field leads to."""

    def sees(self, table: str, row: Row) -> bool:
        """Whether the viewer sees a row."""
        return self._sees(table, row)

    def took_part(self, row: Row) -> bool:
        """Whether the viewer gave a service, or it was for them."""
        return self._took_part(row)

    def _sees(self, table: str, row: Row) -> bool:
        here = row.get("locality_id") == self.viewer.locality
        match table:
            case "change":
                return here and self._learns(row)
            case "client_mutation":
                return here and self._self(row["person_id"])
            case "ticket_scope":
                return here
            case "office" | "login" | "access_token":
                return here and (self._self(row["person_id"]) or self._holds("ADMINISTRATOR"))
            case "erasure":
                return here and self._self(row["person_id"])
            case "disclosure":
                mine = self._self(row["subject_id"]) or self._self(row["actor_id"])
                return here and (mine or self._holds("AUDITOR"))
            case "disclosure_head":
                return here
            case "statistic":
                return not row["fine"] or (here and self._holds("DATA_CONSUMER"))
            case "statistic_month":
                return True
            case "statistic_key":
                return False
        return super()._sees(table, row)

    def _learns(self, row: Row) -> bool:
        paths = (row["unit_path"], row["handler_path"], row["was_handler_path"])
        people = (row["reporter_id"], row["person_id"])
        near = any(self._serves(path) for path in paths) or self._called(row)
        return near or any(self._self(person) for person in people)

    def _holds(self, office: str) -> bool:
        offices: Any = self.viewer.offices
        return office in offices
