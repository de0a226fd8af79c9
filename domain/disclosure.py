"""Personal data in full: for which purposes, which parts, and to whom (DOMAIN §8).

Need to know is subtree × duty × field: a purpose opens only the parts that it takes, to somebody who
serves near enough for it and whose duty asks for it just then. Everything else stays masked.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from uuid import UUID

from domain.terms import LevelKind, Term


class Purpose(Term):
    """What somebody reads personal data in full for."""

    OWN = "OWN", "本人查阅", "To read what is kept of oneself."
    CONTACT_REPORTER = (
        "CONTACT_REPORTER",
        "联系诉求人",
        "To speak with whoever reported an open ticket that one's own unit handles.",
    )
    HOME_VISIT = (
        "HOME_VISIT",
        "入户走访",
        "To visit a household, where visits are one's duty in its community or below.",
    )
    EMERGENCY = (
        "EMERGENCY",
        "紧急救助",
        "To avert a danger, wherever one serves above the household; the reason must be given.",
    )


class PersonalField(Term):
    """A part of what is kept of a person."""

    PHONE = "PHONE", "电话", "The telephone number."
    ADDRESS = "ADDRESS", "住址", "The address."
    LIVING_SITUATION = "LIVING_SITUATION", "居住情况", "How the person lives, and with whom."
    NEEDS = "NEEDS", "需求", "What the person needs."
    SKILLS = "SKILLS", "特长", "What the person is good at and interested in."
    DIFFICULTIES = "DIFFICULTIES", "困难", "What is hard for the person."


F = PersonalField
NEAR = frozenset(
    {
        LevelKind.COMMUNITY,
        LevelKind.ESTATE,
        LevelKind.GRID,
        LevelKind.BUILDING,
        LevelKind.STAIRWELL,
        LevelKind.HUB_HOUSEHOLD,
    }
)
"""Levels whose people know a household; a street or a district has no need to."""


class Need(Enum):
    """What a post must have to do with the person beside serving above."""

    NOTHING = auto()
    VISITS = auto()
    """The place asks home visits of the post."""
    TICKET = auto()
    """The post's own unit handles an open ticket that the person reported."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What a purpose opens, and to whom."""

    fields: frozenset[PersonalField]
    need: Need
    near: bool = False
    """Only up to the community (`NEAR`)."""
    reasoned: bool = False
    """Only with a reason in words."""


RULES: Mapping[Purpose, Rule] = {
    Purpose.CONTACT_REPORTER: Rule(frozenset({F.PHONE}), Need.TICKET),
    Purpose.HOME_VISIT: Rule(frozenset(F), Need.VISITS, near=True),
    Purpose.EMERGENCY: Rule(frozenset(F) - {F.SKILLS}, Need.NOTHING, reasoned=True),
}
"""For whoever holds or covers a post today in the person's unit or above. `OWN` is not among them:
it opens everything, to the person alone."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How one of the reader's posts stands to a person."""

    level: LevelKind
    above: bool
    """The post is in the person's unit or above it."""
    visits: bool = False
    handles: bool = False


def opens(purpose: Purpose, part: PersonalField, standing: Standing) -> bool:
    """Whether a post opens a part of what is kept of a person, for a purpose."""
    rule = RULES.get(purpose)
    if rule is None or part not in rule.fields or not standing.above:
        return False
    if rule.near and standing.level not in NEAR:
        return False
    needed = {Need.NOTHING: True, Need.VISITS: standing.visits, Need.TICKET: standing.handles}
    return needed[rule.need]


MOST_PEOPLE = 200
"""Of so many others somebody may be given personal data in full within the span, for all purposes."""

SPAN = timedelta(hours=1)


def wait_for(asked: Set[UUID], lately: Mapping[UUID, datetime], now: datetime) -> timedelta:
    """How long until somebody may read of these people too; nothing, if they may at once.

    `lately` says of whom they read within the span, and when last; of oneself is not counted.
    """
    over = len(asked | lately.keys()) - MOST_PEOPLE
    if over <= 0:
        return timedelta()
    passing = sorted(at + SPAN - now for who, at in lately.items() if who not in asked)
    return passing[over - 1] if over <= len(passing) else SPAN
