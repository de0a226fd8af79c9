"""How a place is peopled for trials: what `[demo]` of a locality file says, and what it becomes.

`[demo]` -> parse_demo -> Demo -> plan_units, plan_posts, plan_people -> rows (the loader's work)
"""

from dataclasses import dataclass
from datetime import timedelta

from domain.terms import (
    AppealType,
    Channel,
    ConcernClass,
    RoleKind,
    ServiceKind,
    Severity,
    TicketVerb,
    TreeKind,
    Verdict,
)

RESIDENT = "resident"
"""What stands in `by` of a story's step when no post but a resident acts."""

PARTY_KINDS = (
    RoleKind.PARTY_SECRETARY,
    RoleKind.PARTY_GROUP_LEADER,
    RoleKind.HUB_HOUSEHOLD_HEAD,
    RoleKind.DUAL_REGISTERED_MEMBER,
)
"""Posts that only a party member holds."""


@dataclass(frozen=True, slots=True)
class DemoUnits:
    """Units of one level, hung under units of the level above in the same tree.

    Parents are all units of the level above, or those named in `under`, without those in `beside`.
    `total` is spread over the parents as evenly as possible, in their order, the first ones getting
    one more; `each` gives every parent as many. With neither there are as many as `names`.
    The first units of the entry take the `names` in order, the others the `template`, in which
    {parent} is the parent's name, {n} the place among its children, {i} the place in the level.
    `divisions` are codes for the first units, in order, empty for none; `households` is a total
    spread over the entry's units in the same way.
    """

    level: str
    names: tuple[str, ...]
    template: str
    total: int | None
    each: int | None
    under: tuple[str, ...]
    beside: tuple[str, ...]
    divisions: tuple[str, ...]
    households: int


@dataclass(frozen=True, slots=True)
class DemoPosts:
    """Posts of one role, in units of the role's level.

    The units are all of the level, or those that `within` names or that lie below one it names,
    without those of `beside`. `total` and `each` are spread as for units. `vacant`, `covered` and
    `party_members` are exact numbers, taken at even strides through the entry's posts; party
    members are counted among held posts, and None means all or none by the kind of the role.
    A covered post has as B the holder of the next post of the entry: in the same unit if there is
    another, else under the same parent, else anywhere.
    `shared_with`: the holders are not new people but those of that role's posts, in order; posts
    beyond them are vacant.
    """

    role: str
    total: int | None
    each: int | None
    within: tuple[str, ...]
    beside: tuple[str, ...]
    vacant: int
    covered: int
    party_members: int | None
    shared_with: str | None


@dataclass(frozen=True, slots=True)
class DemoResidents:
    """Residents without a post, spread over the units of a level in order as for units."""

    level: str
    total: int
    party_members: int


@dataclass(frozen=True, slots=True)
class Matter:
    """What tickets of one category look like: `weight` is its share; {unit} stands in titles."""

    category: str
    weight: int
    appeal: AppealType
    channels: tuple[Channel, ...]
    concern: ConcernClass | None
    titles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Service:
    """What service records of one kind look like: `weight` is its share; {unit} stands in notes."""

    kind: ServiceKind
    weight: int
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DemoHistory:
    """How much happened in the last `months`: that many tickets and service records, by weight."""

    tickets: int
    services: int
    months: int
    matters: tuple[Matter, ...]
    kinds: tuple[Service, ...]


@dataclass(frozen=True, slots=True)
class StoryReport:
    """What the ticket of a story is about; `unit` is where the matter lies (a unit reference)."""

    title: str
    body: str
    category: str
    severity: Severity
    appeal: AppealType
    concern: ConcernClass | None
    channel: Channel
    unit: str


@dataclass(frozen=True, slots=True)
class StoryStep:
    """One thing done: exactly one of `verb` (to the ticket) and `service` (for the resident).

    `by` is a role code or RESIDENT; `unit` is where that post, or the resident's home, is;
    `to` are the units sent to (DISPATCH, RULE, ESCALATE, RETURN: one) or called (JOIN: any number).
    """

    at: timedelta
    verb: TicketVerb | None
    service: ServiceKind | None
    by: str
    unit: str
    to: tuple[str, ...]
    verdict: Verdict | None
    note: str


@dataclass(frozen=True, slots=True)
class Story:
    """A story of DOMAIN §5, by its number there: one ticket, told in steps.

    It starts `start` (negative) from the day of loading; the steps' `at` count from there.
    """

    code: str
    number: int
    title: str
    start: timedelta
    source: str
    report: StoryReport
    steps: tuple[StoryStep, ...]


@dataclass(frozen=True, slots=True)
class Demo:
    """The whole `[demo]` section."""

    units: tuple[DemoUnits, ...]
    posts: tuple[DemoPosts, ...]
    residents: tuple[DemoResidents, ...]
    history: DemoHistory
    stories: tuple[Story, ...]


@dataclass(frozen=True, slots=True)
class Names:
    """The parts that plainly fictional names are made of (`localities/names.toml`)."""

    surnames: tuple[str, ...]
    given: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlannedUnit:
    """A unit to be made; `key` is the level code and the number in it, as `grid-17`.

    `position` counts from 1 among the parent's children; `households` are the unit's own, so that
    those of a subtree are a sum.
    """

    key: str
    level: str
    tree: TreeKind
    parent: str | None
    name: str
    position: int
    division: str | None
    households: int


@dataclass(frozen=True, slots=True)
class PlannedPost:
    """A post to be made; `key` is the unit's, the role code and a number, as `grid-17/worker-2`.

    `position` counts from 1 among the posts of the unit; `holder` and `cover` (A and B role) are
    indexes of people.
    """

    key: str
    unit: str
    role: str
    title: str
    kind: RoleKind
    position: int
    holder: int | None
    cover: int | None
    party_member: bool


@dataclass(frozen=True, slots=True)
class PlannedPerson:
    """A person to be made; `home` is the key of the unit where a resident lives."""

    index: int
    name: str
    party_member: bool
    home: str | None
