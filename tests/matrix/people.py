"""A world of two places with five levels each, and somebody of every kind in both."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cache
from random import Random
from typing import Any

from db.scope import PUBLIC, Scope
from domain.terms import RoleKind
from tests.compiler.world_builder import Builder
from tests.compiler.world_photographs import SIGNER
from tests.compiler.world_plan import ALWAYS, FOR_EVER, PLACES, START, Row, World
from tests.matrix.canaries import plant
from tests.matrix.filler import fill_empty

TREE = tuple(
    (code, above, position, ALWAYS, FOR_EVER)
    for code, above, position in (
        ("D", None, 0),
        ("S", "D", 0),
        ("S2", "D", 1),
        ("C1", "S", 0),
        ("C2", "S", 1),
        ("C3", "S2", 0),
        ("G1", "C1", 0),
        ("G2", "C1", 1),
        ("G3", "C2", 0),
        ("B1", "G1", 0),
        ("B2", "G1", 1),
        ("B3", "G2", 0),
    )
)
"""District, streets, communities, grids and buildings."""

HEADS = {"district": "D", "community": "C1", "building chief": "B1", "partner": "P2"}
"""Who heads which unit, beside those that every world has."""
OFFICES = {"auditor": "AUDITOR", "data consumer": "DATA_CONSUMER", "administrator": "ADMINISTRATOR"}
KNOWN = {"resident": "resident", "worker": "grid worker", "chief": "street"}
"""Those that every world has, and what they are called here."""
KINDS = ("public", "resident", *HEADS, "grid worker", "street", *OFFICES)


class Neighbourhood(Builder):
    """Fills the world, and remembers who is who."""

    def __init__(self, random: Random) -> None:
        super().__init__(random)
        self.known: dict[tuple[str, str], Row] = {}
        for place in PLACES:
            self.place(place, TREE)
        fill_empty(self)
        for place in PLACES:
            self.hold_offices(place)
        for row in self.world.rows["erasure"]:
            row["done_at"] = row["due_at"]
        self.world.unit("S2")["valid_from"] = date(2012, 5, 1)
        self.world.unit("B2")["valid_to"] = date(2999, 1, 1)

    def appoint_viewers(self, place: str) -> None:
        super().appoint_viewers(place)
        people = {row["name"]: row for row in self.world.of("person", place)}
        self.known |= {(kind, place): people[name] for name, kind in KNOWN.items()}
        for kind in (*HEADS, *OFFICES):
            self.known[kind, place] = self.settle(place, kind, HEADS.get(kind, "B3"))
        for kind, code in HEADS.items():
            self.head(self.known[kind, place], self.world.unit(code, place))

    def settle(self, place: str, name: str, code: str) -> Row:
        """Somebody who lives in a unit."""
        home = self.world.unit(code, place)
        own = {"locality_id": place, "unit_path": home["path"]}
        person = self.add(
            "person", **own, id=self.key(), name=name, unit_id=home["id"], published=False
        )
        private = {"phone": "13900001234", "address": "5 Long Lane, Apt 7", "needs": "secret"}
        self.add("person_private", **own, person_id=person["id"], **private)
        return person

    def head(self, person: Row, unit: Row) -> None:
        """Somebody becomes the head of a unit."""
        post = self.add(
            "post",
            locality_id=unit["locality_id"],
            id=self.key(),
            unit_id=unit["id"],
            unit_path=unit["path"],
            role_code="head",
            title="head",
            kind=RoleKind.GRID_CHIEF,
            position=0,
            official_phone=None,
        )
        self.appoint(post, person, "HOLDER", ALWAYS, FOR_EVER)

    def ticket(self, place: str, number: int, status: Any) -> Row:
        """One in five has called the partner's unit to help; the resident reported some."""
        row = super().ticket(place, number, status)
        if number % 5 == 0:
            path = self.world.unit("P2", place)["path"]
            row["joint_scopes"] = [path[:end] for end in range(4, len(path) + 1, 4)]
        return row

    def hold_offices(self, place: str) -> None:
        """The offices that are held, one that was taken, and tokens: none is of the public board."""
        giver = self.known["administrator", place]["id"]
        for kind, office in OFFICES.items():
            self.like("office", place, kind, kind=office, granted_by_id=giver)
            self.like("access_token", place, kind, digest=self.random.randbytes(32))
        taken = {"revoked_at": START, "revoked_by_id": giver, "granted_by_id": giver}
        self.like("office", place, "partner", kind="AUDITOR", **taken)

    def like(self, table: str, place: str, holder: str, **of: Any) -> None:
        """A row as the first of its table, but another and of one of the viewers."""
        own = {"id": self.key(), "person_id": self.known[holder, place]["id"]}
        self.add(table, **{**self.world.of(table, place)[0], **own, **of})


def paths(world: World, person: Row) -> Iterator[str]:
    """The units that somebody serves in today."""
    today = datetime.now(UTC).date()
    for term in world.of("appointment", person["locality_id"]):
        if term["person_id"] == person["id"] and term["valid_from"] <= today < term["valid_to"]:
            yield term["unit_path"]


def scope_of(world: World, person: Row) -> Scope:
    """What a person's posts and offices of today come to."""
    today = datetime.now(UTC).date()
    offices = {
        row["kind"]
        for row in world.of("office", person["locality_id"])
        if row["person_id"] == person["id"]
        and row["valid_from"] <= today < row["valid_to"]
        and row["revoked_at"] is None
    }
    return Scope(
        person["locality_id"],
        person["id"],
        tuple(sorted(set(paths(world, person)))),
        signer=SIGNER,
        offices=tuple(sorted(offices)),
    )


@cache
def neighbourhood(seed: int = 7) -> World:
    """The world, its secrets marked."""
    builder = Neighbourhood(Random(seed))
    world = builder.world
    world.viewers = {"public": PUBLIC}
    for (kind, place), person in builder.known.items():
        name = kind if place == PLACES[0] else f"{kind} elsewhere"
        world.viewers[name] = scope_of(world, person)
    plant(world)
    return world
