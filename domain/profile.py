"""A locality profile: how one place works, as frozen data (DOMAIN, first fact: data, never code).

`source` names the article and the words that a part is taken from; "ours" where it is silent.
"""

from dataclasses import dataclass, field

from domain.terms import LevelKind, RoleKind, Route, Severity, Term, TicketStatus, TreeKind


class Every(Term):
    """How often something is due."""

    DAY = "DAY", "每日", "Once in every day."
    WEEK = "WEEK", "每周", "Once in every week, Monday to Sunday."
    MONTH = "MONTH", "每月", "Once in every calendar month."
    QUARTER = "QUARTER", "每季度", "Once in every quarter of the year."
    YEAR = "YEAR", "每年", "Once in every calendar year."


class Duty(Term):
    """What a cadence asks for."""

    VISIT = "VISIT", "走访", "Households to be visited."
    CONTACT = "CONTACT", "联系", "Residents to be spoken to, in whatever way."
    PATROL = "PATROL", "巡查巡逻", "Rounds to be made."
    MEETING = "MEETING", "例会", "A meeting to be held."
    FEEDBACK = "FEEDBACK", "反馈通报", "A report to be given."
    ACTIVITY = "ACTIVITY", "活动", "An activity for residents to be held."
    ASSESSMENT = "ASSESSMENT", "考核", "An assessment to be made."


class SelectionStage(Term):
    """The stages through which a post finds its person (DOMAIN §3, Selection), in order."""

    NOMINATED = "NOMINATED", "推", "Proposed by residents or by themselves."
    VETTED = "VETTED", "审", "Checked, and asked whether they are willing."
    SELECTED = "SELECTED", "选", "Chosen from among the candidates."
    EVALUATED = "EVALUATED", "评", "Judged fit for the post."
    PUBLISHED = "PUBLISHED", "公示", "Shown to the public, which may object."
    APPOINTED = "APPOINTED", "聘", "Given the post."


class Deadline(Term):
    """The default deadlines of DOMAIN §9, by the kind of matter."""

    DANGER = "DANGER", "危险", "Danger to life or property: 2 hours."
    UTILITY = "UTILITY", "水电气热", "Water, power, gas or heat: 24 hours."
    ORDINARY = "ORDINARY", "一般", "An ordinary matter: 7 days."
    COMPLEX = "COMPLEX", "复杂", "A complex matter: 15 days."


DEADLINE_HOURS = {
    Deadline.DANGER: 2,
    Deadline.UTILITY: 24,
    Deadline.ORDINARY: 7 * 24,
    Deadline.COMPLEX: 15 * 24,
}
"""Hours a whole case may take; no article gives any, so these are the defaults of DOMAIN §9."""

RULE_ROUTES = (Route.UP, Route.JOINT, Route.DELIBERATION, Route.MEETING)
"""The routes by which a matter may leave a level; the others are ways of handing it on or back."""

MAY_PAUSE = (
    TicketStatus.TABLED,
    TicketStatus.DELIBERATING,
    TicketStatus.JOINT,
    TicketStatus.EXTENDED,
)
"""Statuses in which a unit works on a matter with others or under a new deadline; in every other
one a unit that does nothing must not gain by it."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a file: where (`rules[3].severities[0]`) and why, in plain English."""

    file: str
    key: str
    reason: str

    def __str__(self) -> str:
        """`file: key: reason`, as a compiler would print it."""
        return f"{self.file}: {self.key}: {self.reason}"


class ProfileError(ValueError):
    """A profile refused whole; carries every problem found, in the order of reading."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Level:
    """A level of one of the place's trees; `depth` 1 is the top of its tree."""

    code: str
    name: str
    kind: LevelKind
    tree: TreeKind
    depth: int
    source: str = ""


@dataclass(frozen=True, slots=True)
class Role:
    """A kind of post: its local title, canonical kind, the level it sits at, its duties.

    Of a level's roles the one listed first answers for it: a matter sent there is sent to its post.
    `cover` is set where the place runs AB角, that is, where each post has a named stand-in.
    """

    code: str
    title: str
    kind: RoleKind
    level: str
    duties: tuple[str, ...] = ()
    cover: bool = False
    source: str = ""


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of matter, how hard it usually is, and the hours the whole case may take."""

    code: str
    name: str
    severity: Severity
    hours: int
    source: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """When a matter leaves a level, by which route, and to where.

    It applies to matters at one of `levels`, of one of `severities`, of one of `categories`
    (empty: of any). It fires when the level has held the matter for `after_hours`.
    `to_level` is None where the matter stays with the level and goes to its meeting or council.
    """

    code: str
    levels: tuple[str, ...]
    severities: tuple[Severity, ...]
    categories: tuple[str, ...]
    route: Route
    to_level: str | None
    after_hours: int
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Cadence:
    """Something due regularly: `quota` of `unit` every day, week, month …

    Each holder of one of `roles` owes it; empty: the place as a whole does.
    """

    code: str
    name: str
    every: Every
    what: Duty
    roles: tuple[str, ...]
    quota: int | None
    unit: str
    source: str


@dataclass(frozen=True, slots=True)
class SelectionStep:
    """One step by which the place fills its posts: the local name and who takes it."""

    stage: SelectionStage
    name: str
    by: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Weight:
    """One judge's share, in percent, of an assessment."""

    code: str
    name: str
    percent: int
    source: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """Everything that makes one place differ from another; checked by `parse_profile`."""

    slug: str
    name: str
    division: str | None
    time_zone: str
    number_prefix: str
    source: str
    working_hours_only: bool
    handling_tree: TreeKind
    levels: tuple[Level, ...]
    roles: tuple[Role, ...]
    categories: tuple[Category, ...]
    rules: tuple[Rule, ...]
    cadences: tuple[Cadence, ...] = ()
    selection: tuple[SelectionStep, ...] = ()
    weights: tuple[Weight, ...] = ()
    categories_from_data: bool = False
    pauses: tuple[TicketStatus, ...] = ()
    """Statuses in which both clocks of a ticket stand still."""
    _levels: dict[str, Level] = field(init=False, repr=False, compare=False)
    _roles: dict[str, Role] = field(init=False, repr=False, compare=False)
    _categories: dict[str, Category] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index what is looked up by code."""
        object.__setattr__(self, "_levels", {each.code: each for each in self.levels})
        object.__setattr__(self, "_roles", {each.code: each for each in self.roles})
        object.__setattr__(self, "_categories", {each.code: each for each in self.categories})

    def level(self, code: str) -> Level:
        """The level of that code; KeyError if the place has none."""
        return self._levels[code]

    def role(self, code: str) -> Role:
        """The role of that code; KeyError if the place has none."""
        return self._roles[code]

    def category(self, code: str) -> Category:
        """The category of that code; KeyError if the place has none."""
        return self._categories[code]

    def handles(self, level: str) -> bool:
        """Whether units of a level handle matters: elsewhere none would ever move by itself."""
        return self.level(level).tree is self.handling_tree

    def tree(self, kind: TreeKind) -> tuple[Level, ...]:
        """The levels of one tree, top to leaf."""
        return tuple(each for each in self.levels if each.tree is kind)
