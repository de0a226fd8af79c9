"""A small random database of two localities, as Python rows; the same for the same seed."""

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from random import Random
from typing import Any
from uuid import UUID

import asyncpg

from db.load.copy import settle
from db.paths import label
from db.scope import PUBLIC, Scope
from db.tables import METADATA
from domain.terms import (
    CLOSED_STATUSES,
    AppealType,
    Channel,
    ConcernClass,
    LevelKind,
    RoleKind,
    Route,
    ServiceKind,
    Severity,
    TicketStatus,
    TicketVerb,
    Verdict,
)

Row = dict[str, Any]

ALWAYS, FOR_EVER = date.min, date.max
START = datetime(2025, 3, 1, 8, 0, tzinfo=UTC)
PLACES = ("riverside", "old_town")
STREET, COMMUNITY, GRID, BUILDING = "street", "community", "grid", "building"
# Everything JSON, SQL or a careless format string could trip over.
NAMES = (
    "河畔街道",
    'North "Gate"',
    "O'Brien",
    "back\\slash",
    "100% %s",
    "a:b :name $1",
    "two\nlines\ttab",
    "🏘️ 邻里",
    "<b>&amp;</b>",
    "\u2028\u0001",
    "Zeta",
    "alpha",
)


@dataclass(repr=False)
class World:
    """Every table's rows, and who looks at them."""

    rows: dict[str, list[Row]] = field(default_factory=dict)
    viewers: dict[str, Scope] = field(default_factory=dict)

    def of(self, table: str, locality: str | None = None) -> list[Row]:
        """A table's rows, of one locality if one is named."""
        rows = self.rows[table]
        return rows if locality is None else [r for r in rows if r["locality_id"] == locality]

    def global_id(self, table: str, row: Row) -> str:
        """The row's global id."""
        return f"{TAGS[table]}_{row['locality_id']}_{row['id']}"

    def unit(self, name: str, locality: str = PLACES[0]) -> Row:
        """The unit of that code."""
        return next(r for r in self.of("org_unit", locality) if r["code"] == name)


TAGS = {
    "org_unit": "unit",
    "person": "person",
    "post": "post",
    "ticket": "ticket",
    "service_record": "record",
}
# code, parent, level, name, abolished
DIVISIONS = (
    ("440000000000", None, "PROVINCE", "广东省", FOR_EVER),
    ("441900000000", "440000000000", "PREFECTURE", "东莞市", FOR_EVER),
    ("441900003000", "441900000000", "TOWNSHIP", "东城街道", FOR_EVER),  # no county between
    ("441900003001", "441900003000", "VILLAGE", "岗贝社区", FOR_EVER),
    ("110000000000", None, "PROVINCE", "北京市", FOR_EVER),
    ("110100000000", "110000000000", "PREFECTURE", "市辖区", FOR_EVER),
    ("110101000000", "110100000000", "COUNTY", "东城区", FOR_EVER),
    ("110103000000", "110100000000", "COUNTY", "崇文区", date(2010, 7, 1)),
)
SIGNIFICANT = {"PROVINCE": 2, "PREFECTURE": 4, "COUNTY": 6, "TOWNSHIP": 9, "VILLAGE": 12}
# tree, code, name, kind, depth
LEVELS = (
    ("GRID", STREET, "街道", LevelKind.STREET, 1),
    ("GRID", COMMUNITY, "社区", LevelKind.COMMUNITY, 2),
    ("GRID", GRID, "网格", LevelKind.GRID, 3),
    ("GRID", BUILDING, "楼栋", LevelKind.BUILDING, 4),
    ("PARTY", "committee", "党工委", LevelKind.DEPARTMENT, 1),
    ("PARTY", "branch", "党支部", LevelKind.DEPARTMENT, 2),
)
# code, parent, position, held from, held until; parents first
CLOSED, FUTURE = date(2020, 6, 1), date(2999, 1, 1)
GRID_TREE = (
    ("S", None, 0, ALWAYS, FOR_EVER),
    ("C1", "S", 2, ALWAYS, FOR_EVER),
    ("C2", "S", 1, date(2012, 5, 1), FOR_EVER),
    ("C3", "S", 1, ALWAYS, CLOSED),  # shares its position with C2
    ("G1", "C1", 0, ALWAYS, FOR_EVER),
    ("G2", "C1", 1, CLOSED, FOR_EVER),
    ("G3", "C1", 2, FUTURE, FOR_EVER),
    ("G4", "C2", 0, ALWAYS, FOR_EVER),
    ("G5", "C3", 0, ALWAYS, FOR_EVER),  # outlives its parent
    ("B1", "G1", 0, ALWAYS, FOR_EVER),
    ("B2", "G1", 1, ALWAYS, date(2024, 1, 1)),
    ("B3", "G4", 0, ALWAYS, FOR_EVER),
)
PARTY_TREE = (
    ("P", None, 0, ALWAYS, FOR_EVER),
    ("P1", "P", 0, ALWAYS, FOR_EVER),
    ("P2", "P", 1, ALWAYS, FOR_EVER),
)
SMALL_TREE = tuple(line for line in GRID_TREE if line[0] in ("S", "C1", "C2", "G1", "G4", "B1"))


@cache
def make_world(seed: int = 20251122) -> World:
    """The world of a seed."""
    builder = Builder(Random(seed))
    for place, tree in zip(PLACES, (GRID_TREE, SMALL_TREE), strict=True):
        builder.place(place, tree)
    builder.world.viewers = viewers(builder.world)
    return builder.world


async def insert(world: World, owner: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Write every row into a migrated, empty database."""
    await owner.set_type_codec("jsonb", schema="pg_catalog", encoder=json.dumps, decoder=str)
    for table in METADATA.sorted_tables:
        rows = world.rows.get(table.name)
        if rows:
            columns = list(rows[0])
            records = [[row[name] for name in columns] for row in rows]
            await owner.executemany(
                f"INSERT INTO {table.name} ({', '.join(columns)}) "
                f"VALUES ({', '.join(f'${at + 1}' for at in range(len(columns)))})",
                records,
            )
    await settle(owner)


def viewers(world: World) -> dict[str, Scope]:
    """Callers of every kind, with the scope their appointments give them."""
    here, there = PLACES

    def scope(locality: str, name: str, *codes: str) -> Scope:
        person = next(r for r in world.of("person", locality) if r["name"] == name)
        paths = sorted(world.unit(code, locality)["path"] for code in codes)
        return Scope(locality, person["id"], tuple(paths))

    return {
        "public": PUBLIC,
        "resident": scope(here, "resident"),
        "worker": scope(here, "worker", "G1"),
        "street": scope(here, "chief", "S"),
        "both_trees": scope(here, "secretary", "C2", "P1"),
        "elsewhere": scope(there, "chief", "S"),
    }


class Builder:
    """Fills a world, table by table."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.world = World()
        for code, parent, level, name, until in DIVISIONS:
            above = next((r["path"] for r in self.rows("division") if r["code"] == parent), "")
            path = f"{above}{code[: SIGNIFICANT[level]]}/"
            own = {"code": code, "parent_code": parent, "level": level, "name": name, "path": path}
            self.add("division", **own, valid_from=ALWAYS, valid_to=until)

    def rows(self, table: str) -> list[Row]:
        return self.world.rows.setdefault(table, [])

    def add(self, table: str, **values: Any) -> Row:
        self.rows(table).append(values)
        return values

    def key(self) -> UUID:
        return UUID(int=self.random.getrandbits(128), version=4)

    def any(self, options: Any) -> Any:
        return self.random.choice(tuple(options))

    def maybe(self, value: Any, chance: float = 0.5) -> Any:
        return value if self.random.random() < chance else None

    def moment(self) -> datetime:
        """An instant; few enough that some are shared, some with a fraction of a second."""
        fraction = self.any((0, 0, 0, 500_000, 123_456))
        return START + timedelta(hours=self.random.randrange(12) * 6, microseconds=fraction)

    def place(self, place: str, tree: tuple[Any, ...]) -> None:
        division = "441900003000" if place == PLACES[0] else None
        self.add(
            "locality",
            id=place,
            name=self.any(NAMES),
            division_code=division,
            time_zone="Asia/Shanghai",
            number_prefix=place[:2].upper(),
            revision=2,
        )
        for revision in (1, 2):
            body = {"a": [1, 2.5, None, True], "zh": "方案", "name": place, "revision": revision}
            revised = {"revision": revision, "digest": f"{revision:064x}", "body": body}
            self.add("profile_revision", locality_id=place, **revised, created_at=self.moment())
        for tree_kind, code, name, kind, depth in LEVELS:
            own = {"code": code, "tree": tree_kind, "name": name, "kind": kind, "depth": depth}
            self.add("level", locality_id=place, **own)
        for code in ("noise", "lift", "pension"):
            own = {"name": self.any(NAMES), "severity": self.any(Severity), "hours": 24}
            self.add("category", locality_id=place, code=code, **own)
        self.units(place, "GRID", 0, tree)
        self.units(place, "PARTY", 1, PARTY_TREE)
        self.people(place)
        self.posts(place)
        self.tickets(place)

    def units(self, place: str, tree: str, top: int, lines: tuple[Any, ...]) -> None:
        made: dict[str, Row] = {}
        levels = [code for kind, code, *_ in LEVELS if kind == tree]
        for code, parent, position, start, end in lines:
            above = made.get(parent)
            nth = (
                top if above is None else sum(r["parent_id"] == above["id"] for r in made.values())
            )
            path = (above["path"] if above else "") + label(nth)
            made[code] = self.add(
                "org_unit",
                locality_id=place,
                id=self.key(),
                tree=tree,
                level_code=levels[len(path) // 4 - 1],
                parent_id=above and above["id"],
                path=path,
                position=position,
                code=code,
                name=self.any(NAMES),
                households=self.maybe(self.random.randrange(300)),
                division_code=self.any((None, "441900003001", "441900003000", "110101000000")),
                valid_from=start,
                valid_to=end,
            )

    def people(self, place: str) -> None:
        homes = {"resident": "B1", "worker": "G1", "chief": "S", "secretary": "C2"}
        others = [f"{self.any(NAMES)} {number}" for number in range(9)]
        for name in (*homes, *others):
            units = self.world.of("org_unit", place)
            home = self.world.unit(homes[name], place) if name in homes else self.any(units)
            own = {"locality_id": place, "unit_path": home["path"]}
            published = name in ("chief", "worker") or self.random.random() < 0.3
            person = self.add(
                "person", **own, id=self.key(), name=name, unit_id=home["id"], published=published
            )
            if name in homes or self.random.random() < 0.7:
                phone = self.any((None, "13800001234", "02087654321"))
                address = self.any((None, "东莞市东城街道岗贝社区3号楼", "No. 5, “B” Road"))
                private = {"phone": phone, "address": address, "needs": "secret"}
                self.add("person_private", **own, person_id=person["id"], **private)

    def posts(self, place: str) -> None:
        for unit in self.world.of("org_unit", place):
            for position in range(self.random.randrange(3)):
                post = self.add(
                    "post",
                    locality_id=place,
                    id=self.key(),
                    unit_id=unit["id"],
                    unit_path=unit["path"],
                    role_code="role",
                    title=self.any(NAMES),
                    kind=self.any((RoleKind.GRID_CHIEF, RoleKind.GRID_WORKER, RoleKind.MEDIATOR)),
                    position=position // 2,  # the first two share theirs
                    official_phone=self.maybe("110"),
                )
                for capacity, chance in (("HOLDER", 0.7), ("COVER", 0.5)):
                    self.appointments(post, capacity, chance)
        self.appoint_viewers(place)

    def appointments(self, post: Row, capacity: str, chance: float) -> None:
        terms = [(ALWAYS, FOR_EVER), (date(2015, 1, 1), CLOSED), (date(2019, 1, 1), FOR_EVER)]
        for start, end in self.random.sample(terms, self.random.randrange(1, 4)):
            if self.random.random() < chance:
                person = self.any(self.world.of("person", post["locality_id"])[4:])
                self.appoint(post, person, capacity, start, end)

    def appoint(self, post: Row, person: Row, capacity: str, start: date, end: date) -> None:
        own = {"locality_id": post["locality_id"], "unit_path": post["unit_path"]}
        names = {"id": self.key(), "post_id": post["id"], "person_id": person["id"]}
        held = {"capacity": capacity, "valid_from": start, "valid_to": end}
        self.add("appointment", **own, **names, **held)

    def appoint_viewers(self, place: str) -> None:
        """Give each of the named viewers the posts its scope comes from, one of them expired."""
        people = {r["name"]: r for r in self.world.of("person", place)}
        wanted = [("worker", "G1", FOR_EVER), ("chief", "S", FOR_EVER), ("worker", "C1", CLOSED)]
        wanted += [("secretary", "C2", FOR_EVER), ("secretary", "P1", FOR_EVER)]
        for name, code, until in wanted:
            unit = self.world.unit(code, place)
            post = self.add(
                "post",
                locality_id=place,
                id=self.key(),
                unit_id=unit["id"],
                unit_path=unit["path"],
                role_code="viewer",
                title=f"{name} of {code}",
                kind=RoleKind.GRID_WORKER,
                position=1,
                official_phone=None,
            )
            self.appoint(post, people[name], "HOLDER", ALWAYS, until)

    def tickets(self, place: str) -> None:
        statuses = [*TicketStatus, *TicketStatus] if place == PLACES[0] else [*TicketStatus][::3]
        for number, status in enumerate(self.random.sample(statuses, len(statuses))):
            self.history(self.ticket(place, number, status))
        for ticket in self.world.of("ticket", place):
            self.scopes(ticket)
        for _ in range(8):
            self.record(place, None)

    def ticket(self, place: str, number: int, status: TicketStatus) -> Row:
        unit, handler, goal = (self.any(self.world.of("org_unit", place)) for _ in range(3))
        moves = self.random.random() < 0.5
        return self.add(
            "ticket",
            locality_id=place,
            id=self.key(),
            number=f"{place[:2].upper()}-2025-{number:04}",
            title=self.any(NAMES),
            body=self.any(NAMES) * 3,
            status=status,
            severity=self.any(Severity),
            appeal_type=self.any(AppealType),
            concern=self.maybe(self.any(ConcernClass)),
            channel=self.any((Channel.APP, Channel.HOTLINE)),
            category_code=self.any(("noise", "lift", "pension")),
            profile_revision=self.any((1, 2)),
            unit_id=unit["id"],
            unit_path=unit["path"],
            handler_unit_id=handler["id"],
            handler_path=handler["path"],
            reporter_id=self.reporter(place),
            created_at=self.moment(),
            due_at=self.maybe(self.moment()),
            resolution=self.maybe(self.any(NAMES)),
            resolved_at=self.maybe(self.moment()),
            verified_at=self.maybe(self.moment()),
            verdict=self.maybe(self.any(Verdict)),
            closed_at=self.maybe(self.moment()),
            next_route=self.any(Route) if moves else None,
            next_rule=self.maybe("after 24 h, up") if moves else None,
            next_unit_id=self.maybe(goal["id"]) if moves else None,
            next_due_at=self.moment() if moves else None,
            returnable=True,
            hops=0,
        )

    def scopes(self, ticket: Row) -> None:
        """That the ticket lies in its unit, and in every unit above it."""
        path, is_open = ticket["unit_path"], ticket["status"] not in CLOSED_STATUSES
        for end in range(4, len(path) + 1, 4):
            own = {"path": path[:end], "created_at": ticket["created_at"], "open": is_open}
            place = ticket["locality_id"]
            self.add("ticket_scope", locality_id=place, ticket_id=ticket["id"], **own)

    def reporter(self, place: str) -> UUID | None:
        """Nobody, the resident who is one of the viewers, or anybody."""
        people = self.world.of("person", place)
        return self.any((None, people[0]["id"], self.any(people)["id"]))

    def history(self, ticket: Row) -> None:
        labels = ("locality_id", "unit_path", "handler_path", "reporter_id")
        copied = {name: ticket[name] for name in labels} | {"ticket_id": ticket["id"]}
        place = ticket["locality_id"]
        people = [None, *(r["id"] for r in self.world.of("person", place))]
        units = [r["id"] for r in self.world.of("org_unit", place)]
        posts = [None, *(r["id"] for r in self.world.of("post", place))]
        for sequence in range(1, self.random.randrange(2, 5)):
            said = {"at": self.moment(), "actor_id": self.any(people)}
            event = {
                "id": self.key(),
                "verb": self.any(TicketVerb),
                "from_status": None if sequence == 1 else self.any(TicketStatus),
                "to_status": self.any(TicketStatus),
                "note": self.maybe(self.any(NAMES)),
            }
            self.add("ticket_event", **copied, **said, **event, sequence=sequence)
        for sequence in range(1, self.random.randrange(1, 4)):
            hop = {
                "route": self.any(Route),
                "from_unit_id": None if sequence == 1 else self.any(units),
                "to_unit_id": self.any(units),
                "to_post_id": self.any(posts),
                "rule": self.maybe("rule"),
                "reason": self.maybe(self.any(NAMES)),
                "due_at": self.maybe(self.moment()),
                "left_at": self.maybe(self.moment()),
            }
            said = {"at": self.moment(), "actor_id": self.any(people)}
            self.add("escalation_hop", **copied, **said, **hop, sequence=sequence)
        for _ in range(self.random.randrange(4)):
            self.record(place, ticket)

    def record(self, place: str, ticket: Row | None) -> None:
        unit = self.any(self.world.of("org_unit", place))
        people = self.world.of("person", place)
        self.add(
            "service_record",
            locality_id=place,
            id=self.key(),
            kind=self.any(ServiceKind),
            at=self.moment(),
            note=self.maybe(self.any(NAMES)),
            ticket_id=ticket and ticket["id"],
            unit_id=unit["id"],
            unit_path=unit["path"],
            handler_path=ticket["handler_path"] if ticket else unit["path"],
            person_id=self.any((people[1], self.any(people)))["id"],
            recipient_id=self.reporter(place),
        )
