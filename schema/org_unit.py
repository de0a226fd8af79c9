"""Organisation units (网格/组织)."""

from datetime import date

import strawberry

from compiler.fields import Connection, column, connection, entity, link, value
from db import tables
from domain.terms import TreeKind
from resolvers import (
    division as read_division,
    locality as read_locality,
    meeting as read_meeting,
    org_unit as read_org_unit,
    person as read_person,
    post as read_post,
    rows,
    service_record as read_service_record,
    statistics as read_statistics,
    ticket as read_ticket,
)
from schema.division import Division
from schema.locality import Level, Locality
from schema.meeting import Meeting
from schema.node import Node
from schema.person import Person, Post
from schema.service_record import ServiceRecord
from schema.statistics import Statistic
from schema.ticket import Ticket


@entity(
    tables.OrgUnit,
    "A unit of a locality's tree (网格/组织): a street, community, grid, building or stairwell.",
)
class OrgUnit(Node):
    id: strawberry.ID = value(rows.node_id("unit"), "Global id.")
    name: str = column("Its name.")
    code: str = column("Its code within the locality.")
    tree: TreeKind = column("Which of the locality's trees it belongs to.")
    depth: int = value(read_org_unit.unit_depth, "How deep it lies in its tree; the top is at 1.")
    parent_id: strawberry.ID | None = value(
        read_org_unit.parent_id, "Global id of the unit above; null at the top."
    )
    households: int | None = column("How many households it has; null if unknown.")
    valid_from: date | None = value(read_org_unit.since, "First day it existed; null if unknown.")
    valid_to: date | None = value(rows.until, "Day it ceased to exist; null while it exists.")
    level: Level | None = link(read_locality.level_of, "Its level; null if you may not see it.")
    locality: Locality | None = link(
        read_locality.of_row, "The place it belongs to; null if you may not see it."
    )
    division: Division | None = link(
        read_division.of_row, "The official division it refers to; null if it refers to none."
    )
    parent: "OrgUnit | None" = link(
        read_org_unit.parent,
        "The unit directly above; null at the top, or if it is not for you to see.",
    )
    children: list["OrgUnit"] = link(
        read_org_unit.children, "Units directly below, in display order.", usual=6
    )
    ancestors: list["OrgUnit"] = link(
        read_org_unit.ancestors, "Units above, from the top of the tree down.", usual=4, most=6
    )
    descendants: Connection["OrgUnit"] = connection(
        read_org_unit.descendants,
        read_org_unit.ORDER,
        "Units below at any depth, flat; use `depth` and `parentId` to build the tree.",
        most=1000,
    )
    posts: list[Post] = link(read_post.of_unit, "Its own posts, in display order.", usual=8)
    covered_by: list[Post] = link(
        read_post.covering,
        "Who covers it: its own posts and those of every unit above, nearest first.",
        usual=20,
        most=40,
    )
    tickets: Connection[Ticket] = connection(
        read_ticket.of_unit, read_ticket.ORDER, "Tickets that arose in it, or below it."
    )
    desk: Connection[Ticket] = connection(
        read_ticket.handled_by,
        read_ticket.ORDER,
        "Open tickets that it answers for now, wherever they arose.",
    )
    people: Connection[Person] = connection(
        read_person.of_unit,
        read_person.ORDER,
        "People who live or serve in it, or below it, as far as you may see them.",
    )
    service_records: Connection[ServiceRecord] = connection(
        read_service_record.of_unit, read_service_record.ORDER, "What was done in it, or below it."
    )
    meetings: Connection[Meeting] = connection(
        read_meeting.of_unit, read_meeting.ORDER, "Meetings that it called, or units below it."
    )
    statistics: Connection[Statistic] = connection(
        read_statistics.of_unit,
        read_statistics.ORDER,
        "Published counts, newest month first. Units of a few households have none; those of "
        "grids, buildings' estates and departments are broken down for data consumers only.",
    )
