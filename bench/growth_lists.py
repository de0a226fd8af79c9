"""The lists that are asked of a place as it grows: of all of it, of one building, and deep pages."""

from collections.abc import Mapping
from typing import Any

from bench.by_hand import CURSOR
from bench.place import PLACE, ROOT, Request
from db.load.copy import Owner

LISTED = """
query Deep($id: ID!, $after: String) {
  orgUnit(id: $id) {
    tickets(within: SUBTREE, first: 50, after: $after) {
      edges {
        cursor
        node {
          id number title status severity createdAt dueAt
          category { name }
          orgUnit { name }
          reporter { name }
        }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
}
"""

STANDING = """
query Standing($id: ID!, $status: [TicketStatus!], $first: Int!, $after: String) {
  orgUnit(id: $id) {
    tickets(within: SUBTREE, first: $first, after: $after, filter: { status: { in: $status } }) {
      edges { cursor node { id number title status createdAt } }
      pageInfo { hasNextPage endCursor }
    }
  }
}
"""
RARE = ["WITHDRAWN", "DISPUTED"]
"""Of the one there are few in a simulated place, of the other none."""

UNIT_AT = "SELECT id FROM org_unit WHERE locality_id = $1 AND path = $2"

# The first one, in the first street: it is there however large the place.
BUILDING = """
SELECT id FROM org_unit WHERE locality_id = $1 AND length(path) = 20 ORDER BY path LIMIT 1
"""

# Found with SQL: nobody pages there to measure it.
AT = f"""
SELECT {CURSOR} FROM (
    SELECT created_at, ticket_id AS id FROM ticket_scope WHERE locality_id = $1 AND path = $2
    ORDER BY created_at DESC, ticket_id DESC OFFSET $3 - 1 LIMIT 1) t
"""


async def lists(owner: Owner, deep: Mapping[str, int], first: int = 50) -> list[Request]:
    """The first pages, and those after a position of the whole place's list, as they are named."""
    root = await owner.fetchval(ROOT, PLACE)
    top = await owner.fetchval(UNIT_AT, PLACE, root)
    made = [_listed("whole place", top, None)]
    made.append(_listed("one building", await owner.fetchval(BUILDING, PLACE), None))
    made.append(rare("rare status", top, first))
    for name, position in deep.items():
        # A shorter list has no such page.
        if after := await owner.fetchval(AT, PLACE, root, position):
            made.append(_listed(name, top, after))
    return made


def rare(name: str, unit: Any, first: int) -> Request:
    """A page of a unit's tickets whose status few others have."""
    given = {"id": f"unit_{PLACE}_{unit}", "status": RARE, "first": first}
    return Request(name, STANDING, given, [])


def _listed(name: str, unit: Any, after: str | None) -> Request:
    return Request(name, LISTED, {"id": f"unit_{PLACE}_{unit}", "after": after}, [])
