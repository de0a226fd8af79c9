"""Published counts."""

from datetime import date
from typing import Any

from tests.compiler.oracle_fields import Args, Field, Listing, Thing, field, thing, things
from tests.compiler.oracle_links import here
from tests.compiler.oracle_sight import Sight
from tests.compiler.world import Row


def listing(sight: Sight, args: Args, **which: Any) -> Listing:
    by = args.get("by", "TOTAL")
    return Listing("Statistic", lambda: sight.rows("statistic", breakdown=by, **which))


@field("OrgUnit.statistics")
def _(sight: Sight, row: Row, args: Args, day: date) -> Listing:
    return listing(sight, args, **here(row), unit_id=row["id"])


@field("Locality.statistics")
def _(sight: Sight, row: Row, args: Args, day: date) -> Listing:
    return listing(sight, args, locality_id=row["id"], top=True)


@field("Locality.statisticMonths")
def _(sight: Sight, row: Row, args: Args, day: date) -> list[Thing]:
    return things("StatisticMonth", sight.rows("statistic_month", locality_id=row["id"]), "month")


@field("Statistic.category")
def _(sight: Sight, row: Row, args: Args, day: date) -> Thing | None:
    if row["breakdown"] != "CATEGORY":
        return None
    return thing("Category", sight.one("category", **here(row), code=row["code"]))


@field("Statistic.level")
def _(sight: Sight, row: Row, args: Args, day: date) -> Thing | None:
    if row["breakdown"] != "LEVEL":
        return None
    return thing("Level", sight.one("level", **here(row), code=row["code"]))


def part(breakdown: str) -> Field:
    def read(sight: Sight, row: Row, args: Args, day: date) -> Any:
        return row["code"] if row["breakdown"] == breakdown else None

    return read


field("Statistic.status")(part("STATUS"))
field("Statistic.span")(part("SPAN"))
