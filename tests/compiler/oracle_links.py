"""The fields that lead from row to rows: places, trees, posts and people."""

from datetime import date
from typing import Any

from tests.compiler.oracle_fields import (
    FIELDS,
    Args,
    Field,
    Listing,
    Thing,
    field,
    holds,
    many,
    named,
    thing,
    things,
)
from tests.compiler.oracle_sight import Sight
from tests.compiler.world import ALWAYS, TAGS, Row


def here(row: Row) -> dict[str, Any]:
    """The same locality as a row's."""
    return {"locality_id": row["locality_id"]}


def depth(path: str) -> int:
    return len(path) // 4


def below(path: str, top: str) -> bool:
    return path != top and path[: len(top)] == top


def among(value: Any, choices: Args | None) -> bool:
    wanted = many((choices or {}).get("in"))
    return wanted is None or value in wanted


# Localities and divisions.


@field("Locality.profile")
def _(sight: Sight, row: Row, args: Args, day: date) -> Thing | None:
    found = sight.one("profile_revision", locality_id=row["id"], revision=row["revision"])
    return thing("Profile", found)


@field("Locality.levels")
def _(sight: Sight, row: Row, args: Args, day: date) -> list[Thing]:
    return things("Level", sight.rows("level", locality_id=row["id"]), "tree", "depth")


@field("Locality.categories")
def _(sight: Sight, row: Row, args: Args, day: date) -> list[Thing]:
    return things("Category", sight.rows("category", locality_id=row["id"]), "code")


@field("Locality.roots")
def _(sight: Sight, row: Row, args: Args, day: date) -> list[Thing]:
    tops = sight.rows("org_unit", locality_id=row["id"], parent_id=None)
    return things("OrgUnit", [unit for unit in tops if holds(unit, today(args))], "path")


@field("Division.children")
def _(sight: Sight, row: Row, args: Args, day: date) -> list[Thing]:
    return things("Division", sight.rows("division", parent_code=row["code"]), "code")


@field("Division.ancestors")
def _(sight: Sight, row: Row, args: Args, day: date) -> list[Thing]:
    above: list[Row] = []
    while row := sight.one("division", code=row["parent_code"]) or {}:
        above.insert(0, row)
    return [Thing("Division", division) for division in above]


@field("Division.orgUnits")
def _(sight: Sight, row: Row, args: Args, day: date) -> list[Thing]:
    units = sight.rows("org_unit", division_code=row["code"])
    return things("OrgUnit", [u for u in units if holds(u, today(args))], "locality_id", "path")


# Units.


def today(args: Args) -> date:
    """The day of the request, whatever `at:` says."""
    return args["today"]


@field("OrgUnit.depth")
def _(sight: Sight, row: Row, args: Args, day: date) -> int:
    return depth(row["path"])


@field("OrgUnit.parentId")
def _(sight: Sight, row: Row, args: Args, day: date) -> str | None:
    parent = row["parent_id"]
    return None if parent is None else f"{TAGS['org_unit']}_{row['locality_id']}_{parent}"


@field("OrgUnit.validFrom")
def _(sight: Sight, row: Row, args: Args, day: date) -> str | None:
    return None if row["valid_from"] == ALWAYS else row["valid_from"].isoformat()


@field("OrgUnit.level")
def _(sight: Sight, row: Row, args: Args, day: date) -> Thing | None:
    return thing("Level", sight.one("level", **here(row), code=row["level_code"]))


@field("OrgUnit.locality")
def _(sight: Sight, row: Row, args: Args, day: date) -> Thing | None:
    return thing("Locality", sight.one("locality", id=row["locality_id"]))


@field("OrgUnit.children")
def _(sight: Sight, row: Row, args: Args, day: date) -> list[Thing]:
    units = sight.rows("org_unit", **here(row), parent_id=row["id"])
    return things("OrgUnit", [u for u in units if holds(u, day)], "position", "id")


@field("OrgUnit.ancestors")
def _(sight: Sight, row: Row, args: Args, day: date) -> list[Thing]:
    units = [u for u in sight.rows("org_unit", **here(row)) if below(row["path"], u["path"])]
    return things("OrgUnit", units, "path")


@field("OrgUnit.descendants")
def _(sight: Sight, row: Row, args: Args, day: date) -> Listing:
    most = args.get("maxDepth")

    def wanted(unit: Row) -> bool:
        levels = depth(unit["path"]) - depth(row["path"])
        near = most is None or levels <= most
        return below(unit["path"], row["path"]) and near and holds(unit, day)

    return Listing("OrgUnit", lambda: [u for u in sight.rows("org_unit", **here(row)) if wanted(u)])


@field("Query.orgUnits")
def _(sight: Sight, row: Row, args: Args, day: date) -> Listing:
    given = args.get("filter") or {}

    def wanted(unit: Row) -> bool:
        return (
            holds(unit, day)
            and among(unit["tree"], given.get("tree"))
            and among(unit["level_code"], given.get("level"))
            and among(unit["name"], given.get("name"))
            and among(unit["division_code"], given.get("division"))
        )

    def read() -> list[Row]:
        return [u for u in sight.rows("org_unit", locality_id=named(sight, args)) if wanted(u)]

    return Listing("OrgUnit", read)


# Posts and people.


def of_kinds(posts: list[Row], args: Args) -> list[Row]:
    kinds = many(args.get("kinds"))
    return [post for post in posts if kinds is None or post["kind"] in kinds]


@field("OrgUnit.posts")
def _(sight: Sight, row: Row, args: Args, day: date) -> list[Thing]:
    posts = of_kinds(sight.rows("post", **here(row), unit_id=row["id"]), args)
    return things("Post", posts, "position", "id")


@field("OrgUnit.coveredBy")
def _(sight: Sight, row: Row, args: Args, day: date) -> list[Thing]:
    path = row["path"]
    posts = [
        post
        for post in of_kinds(sight.rows("post", **here(row)), args)
        if post["unit_path"] == path or below(path, post["unit_path"])
    ]
    posts.sort(key=lambda post: (-len(post["unit_path"]), post["position"], post["id"]))
    return [Thing("Post", post) for post in posts]


def in_capacity(capacity: str) -> Field:
    """Who fills a post: by the newest of the appointments that hold, if the viewer sees them."""

    def read(sight: Sight, row: Row, args: Args, day: date) -> Thing | None:
        terms = sight.rows("appointment", **here(row), post_id=row["id"], capacity=capacity)
        terms = [term for term in terms if holds(term, day)]
        terms.sort(key=lambda term: term["id"])
        terms.sort(key=lambda term: term["valid_from"], reverse=True)
        person = terms[0]["person_id"] if terms else None
        return thing("Person", sight.one("person", **here(row), id=person))

    return read


FIELDS["Post", "holder"] = in_capacity("HOLDER")
FIELDS["Post", "cover"] = in_capacity("COVER")


@field("Person.posts")
def _(sight: Sight, row: Row, args: Args, day: date) -> list[Thing]:
    terms = sight.rows("appointment", **here(row), person_id=row["id"])
    held = {term["post_id"] for term in terms if holds(term, today(args))}
    posts = [post for post in sight.rows("post", **here(row)) if post["id"] in held]
    return things("Post", posts, "unit_path", "id")


@field("OrgUnit.people")
def _(sight: Sight, row: Row, args: Args, day: date) -> Listing:
    def read() -> list[Row]:
        near = sight.rows("person", **here(row))
        return [person for person in near if person["unit_path"].startswith(row["path"])]

    return Listing("Person", read)


@field("Person.reported")
def _(sight: Sight, row: Row, args: Args, day: date) -> Listing:
    return Listing("Ticket", lambda: sight.rows("ticket", **here(row), reporter_id=row["id"]))


@field("Person.private")
def _(sight: Sight, row: Row, args: Args, day: date) -> Thing | None:
    found = sight.one("person_private", **here(row), person_id=row["id"])
    return thing("PersonPrivate", found)


@field("PersonPrivate.phone")
def _(sight: Sight, row: Row, args: Args, day: date) -> str | None:
    phone = row["phone"]
    if phone is None:
        return None
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 11 else "****"


@field("PersonPrivate.address")
def _(sight: Sight, row: Row, args: Args, day: date) -> str | None:
    address = row["address"]
    if address is None:
        return None
    return f"{address[:6]}****" if len(address) >= 12 else "****"
