"""Offices and access tokens."""

from datetime import date

from tests.compiler.oracle_fields import Args, Listing, Thing, field, holds, named, things
from tests.compiler.oracle_sight import Sight
from tests.compiler.world import Row


@field("Query.accessTokens")
def _(sight: Sight, row: Row, args: Args, day: date) -> Listing:
    locality = named(sight, args)
    return Listing("AccessToken", lambda: sight.rows("access_token", locality_id=locality))


@field("Query.offices")
def _(sight: Sight, row: Row, args: Args, day: date) -> Listing:
    locality = named(sight, args)
    return Listing("Office", lambda: sight.rows("office", locality_id=locality))


@field("Viewer.accessTokens")
def _(sight: Sight, row: Row, args: Args, day: date) -> Listing:
    me = sight.viewer
    return Listing(
        "AccessToken",
        lambda: sight.rows("access_token", locality_id=me.locality, person_id=me.person),
    )


@field("Viewer.offices")
def _(sight: Sight, row: Row, args: Args, day: date) -> list[Thing]:
    me = sight.viewer
    mine = sight.rows("office", locality_id=me.locality, person_id=me.person)
    return things("Office", [each for each in mine if holds(each, day)], "granted_at", "id")


@field("Office.inForce")
def _(sight: Sight, row: Row, args: Args, day: date) -> bool:
    return holds(row, day)
