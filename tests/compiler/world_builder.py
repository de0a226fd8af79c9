"""Fills the world with rows, every choice drawn from one seed."""

from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from db.paths import label
from domain.terms import (
    AppealType,
    Channel,
    ConcernClass,
    RoleKind,
    Route,
    Severity,
    TicketStatus,
    TicketVerb,
    Verdict,
)
from tests.compiler.world_identity import add_identity
from tests.compiler.world_personal import add_personal, learnt
from tests.compiler.world_photographs import add_photographs
from tests.compiler.world_plan import (
    ALWAYS,
    CLOSED,
    DIVISIONS,
    FOR_EVER,
    LEVELS,
    NAMES,
    PARTY_TREE,
    PLACES,
    SIGNIFICANT,
    START,
    Row,
    World,
)
from tests.compiler.world_records import add_meetings, add_record, scopes
from tests.compiler.world_statistics import add_statistics
from tests.compiler.world_webhooks import add_webhooks


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
            roles = ("role", "viewer")[revision - 1 :]
            duties = (("MEETING", ("role",)), ("VISIT", roles))
            # In jsonb's order: by length, then by letters.
            body: dict[str, Any] = {"a": [1, 2.5, None, True], "zh": "方案", "name": place}
            body["cadences"] = [{"what": what, "roles": [*owed]} for what, owed in duties]
            body["revision"] = revision
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
                level_code=levels[min(len(path) // 4, len(levels)) - 1],
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
                private = {"phone": phone, "address": address, **learnt(phone, address)}
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
        for _ in range(8):
            add_record(self, place, None)
        add_meetings(self, place)
        add_photographs(self, place)
        add_webhooks(self, place)
        add_personal(self, place)
        add_identity(self, place)
        add_statistics(self, place)

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
            joint_scopes=scopes(self, place),
            hop_started_at=self.moment(),
            hop_due_at=self.maybe(self.moment()),
            paused_at=self.maybe(self.moment()),
            carries=self.any((0, 0, 2)),
            merged_into_id=self.any((None, *(r["id"] for r in self.rows("ticket")[-2:])))
            if number > 2
            else None,
            returnable=number % 3 != 0,
            hops=number % 4,
        )

    def reporter(self, place: str) -> UUID | None:
        """Nobody, the resident who is one of the viewers, or anybody."""
        people = self.world.of("person", place)
        return self.any((None, people[0]["id"], self.any(people)["id"]))

    def history(self, ticket: Row) -> None:
        labels = ("locality_id", "unit_path", "handler_path", "joint_scopes", "reporter_id")
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
                "verdict": self.maybe(self.any(Verdict)),
                "due_at": self.maybe(self.moment()),
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
            add_record(self, place, ticket)
