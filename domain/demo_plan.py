"""The plan of a place: Demo and Profile -> units, posts, people; the same input, the same plan.

DemoUnits(level=grid, each=2) under 68 communities -> grid-1 … grid-136, each with its parent
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from zlib import crc32

from domain.demo import (
    PARTY_KINDS,
    Demo,
    DemoPosts,
    DemoUnits,
    Names,
    PlannedPerson,
    PlannedPost,
    PlannedUnit,
)
from domain.profile import Level, Profile, Role


def spread(total: int, parts: int) -> list[int]:
    """A total as evenly as possible in so many parts, the first ones getting one more."""
    least, more = divmod(total, parts)
    return [least + (i < more) for i in range(parts)]


def strides(count: int, among: int) -> set[int]:
    """So many indexes, at even distances, among that many things."""
    return {(2 * j + 1) * among // (2 * count) for j in range(count)}


def plan_units(demo: Demo, profile: Profile) -> list[PlannedUnit]:
    """All units, level by level from the top of each tree, in display order within a level."""
    planned: dict[str, list[PlannedUnit]] = {}
    for level in profile.levels:
        above = [each for each in profile.tree(level.tree) if each.depth == level.depth - 1]
        parents = planned.get(above[0].code, []) if above else [None]
        planned[level.code] = _plan_level(demo, level, parents)
    return [unit for units in planned.values() for unit in units]


def _plan_level(
    demo: Demo, level: Level, parents: Sequence[PlannedUnit | None]
) -> list[PlannedUnit]:
    """The units of one level: parent by parent, and under each parent entry by entry."""
    entries = [entry for entry in demo.units if entry.level == level.code]
    counts = [_children(entry, parents) for entry in entries]
    slots = [
        (parent, position, e)
        for p, parent in enumerate(parents)
        for position, e in enumerate(
            (e for e in range(len(entries)) for _ in range(counts[e][p])), start=1
        )
    ]
    done: Counter[int] = Counter()
    units: list[PlannedUnit] = []
    for i, (parent, position, e) in enumerate(slots, start=1):
        unit = _unit(level, entries[e], parent, position, i)
        units.append(_named(unit, entries[e], done[e], sum(counts[e])))
        done[e] += 1
    return units


def _children(entry: DemoUnits, parents: Sequence[PlannedUnit | None]) -> list[int]:
    """How many units of the entry each parent gets."""
    chosen = [
        i
        for i, parent in enumerate(parents)
        if parent is None
        or ((not entry.under or parent.name in entry.under) and parent.name not in entry.beside)
    ]
    counts = [0] * len(parents)
    for i, count in zip(chosen, _counts(entry, len(chosen), len(entry.names)), strict=True):
        counts[i] = count
    return counts


def _counts(entry: DemoUnits | DemoPosts, places: int, otherwise: int) -> list[int]:
    """An entry's `each` or `total` over its places."""
    if entry.each is not None:
        return [entry.each] * places
    total = otherwise if entry.total is None else entry.total
    return spread(total, places) if places else []


def _unit(
    level: Level, entry: DemoUnits, parent: PlannedUnit | None, position: int, i: int
) -> PlannedUnit:
    name = entry.template.format(parent=parent.name if parent else "", n=position, i=i)
    key = f"{level.code}-{i}"
    above = parent.key if parent else None
    return PlannedUnit(key, level.code, level.tree, above, name, position, None, 0)


def _named(unit: PlannedUnit, entry: DemoUnits, index: int, count: int) -> PlannedUnit:
    """With the name, the division and the households that are its own."""
    return replace(
        unit,
        name=entry.names[index] if index < len(entry.names) else unit.name,
        division=(entry.divisions[index] or None) if index < len(entry.divisions) else None,
        households=spread(entry.households, count)[index] if entry.households else 0,
    )


def lineage(units: Sequence[PlannedUnit]) -> dict[str, tuple[str, ...]]:
    """For each unit's key, the names from the top of its tree down to itself."""
    names: dict[str, tuple[str, ...]] = {}
    for unit in units:  # parents come first
        names[unit.key] = (*(names[unit.parent] if unit.parent else ()), unit.name)
    return names


def find_units(units: Sequence[PlannedUnit], reference: str) -> list[PlannedUnit]:
    """The units that a reference means: a name, after names of units above: `荔城社区/第1小区`."""
    *above, name = reference.split("/")
    lines = lineage(units)
    return [unit for unit in units if unit.name == name and set(above) <= set(lines[unit.key])]


def plan_posts(demo: Demo, profile: Profile, units: Sequence[PlannedUnit]) -> list[PlannedPost]:
    """All posts with their holders, in the order of the file and then of the units."""
    posts: list[PlannedPost] = []
    parents = {unit.key: unit.parent for unit in units}
    used: Counter[str] = Counter()
    people = 0
    for entry in demo.posts:
        role = profile.role(entry.role)
        made = _numbered(role, post_places(entry, profile, units), used)
        made, people = _held(entry, made, posts, people)
        posts += _covered(entry, _members(entry, role, made), parents)
    return posts


def post_places(
    entry: DemoPosts, profile: Profile, units: Sequence[PlannedUnit]
) -> list[PlannedUnit]:
    """The unit of each post of an entry, in order."""
    lines = lineage(units)
    level = profile.role(entry.role).level
    places = [u for u in units if u.level == level and _chosen(entry, lines[u.key])]
    counts = _counts(entry, len(places), len(places))
    return [unit for unit, n in zip(places, counts, strict=True) for _ in range(n)]


def _chosen(entry: DemoPosts, line: tuple[str, ...]) -> bool:
    """Whether the entry means the unit with this line of names."""
    inside = not entry.within or not set(entry.within).isdisjoint(line)
    return inside and set(entry.beside).isdisjoint(line)


def _numbered(role: Role, places: Iterable[PlannedUnit], used: Counter[str]) -> list[PlannedPost]:
    """Posts in these units; `used` counts those made so far, by unit and by unit and role."""
    posts: list[PlannedPost] = []
    for unit in places:
        stem = f"{unit.key}/{role.code}"
        used.update((unit.key, stem))
        key, position = f"{stem}-{used[stem]}", used[unit.key]
        post = PlannedPost(
            key, unit.key, role.code, role.title, role.kind, position, None, None, False
        )
        posts.append(post)
    return posts


def _held(
    entry: DemoPosts, made: list[PlannedPost], earlier: Sequence[PlannedPost], people: int
) -> tuple[list[PlannedPost], int]:
    """The posts with their holders, new people unless shared, and how many people there are now."""
    vacant = strides(entry.vacant, len(made)) if entry.vacant else set[int]()
    held = [i for i in range(len(made)) if i not in vacant]
    if entry.shared_with is None:
        holders: list[int] = list(range(people, people + len(held)))
        people += len(held)
    else:
        same = [post for post in earlier if post.role == entry.shared_with]
        holders = [post.holder for post in same if post.holder is not None]
    holder_of = dict(zip(held, holders, strict=False))
    return [replace(post, holder=holder_of.get(i)) for i, post in enumerate(made)], people


def _members(entry: DemoPosts, role: Role, made: list[PlannedPost]) -> list[PlannedPost]:
    """The posts, told which are held by party members."""
    held = [i for i, post in enumerate(made) if post.holder is not None]
    count = entry.party_members
    if count is None:
        count = len(held) if role.kind in PARTY_KINDS else 0
    members = {held[i] for i in strides(count, len(held))} if count else set[int]()
    return [replace(post, party_member=i in members) for i, post in enumerate(made)]


def _covered(
    entry: DemoPosts, made: list[PlannedPost], parents: dict[str, str | None]
) -> list[PlannedPost]:
    """The posts, some with a stand-in (B role)."""
    covered = strides(entry.covered, len(made)) if entry.covered else set[int]()
    return [
        replace(post, cover=_stand_in(i, made, parents) if i in covered else None)
        for i, post in enumerate(made)
    ]


def _stand_in(i: int, made: Sequence[PlannedPost], parents: dict[str, str | None]) -> int | None:
    """The next holder round the ring: in the same unit, else under the same parent, else any."""
    post = made[i]
    ring = [other for other in (*made[i + 1 :], *made[:i]) if other.holder is not None]
    nearest = min(
        ring,
        key=lambda other: (other.unit != post.unit, parents[other.unit] != parents[post.unit]),
        default=None,
    )
    return nearest.holder if nearest else None


def plan_people(
    demo: Demo,
    profile: Profile,
    units: Sequence[PlannedUnit],
    posts: Sequence[PlannedPost],
    names: Names,
) -> list[PlannedPerson]:
    """Everybody: first the holders of posts, by index, then the residents without a post."""
    held = [post for post in posts if post.holder is not None]
    members = {post.holder for post in held if post.party_member}
    count = len({post.holder for post in held})
    people = [
        PlannedPerson(i, fictional_name(names, profile.slug, i), i in members, None)
        for i in range(count)
    ]
    for home, member in _residents(demo, units):
        name = fictional_name(names, profile.slug, len(people))
        people.append(PlannedPerson(len(people), name, member, home))
    return people


def _residents(demo: Demo, units: Sequence[PlannedUnit]) -> Iterable[tuple[str, bool]]:
    """The home of each resident without a post, and whether they are a party member."""
    for entry in demo.residents:
        places = [unit.key for unit in units if unit.level == entry.level]
        counts = spread(entry.total, len(places))
        homes = [key for key, n in zip(places, counts, strict=True) for _ in range(n)]
        members = strides(entry.party_members, len(homes)) if entry.party_members else set[int]()
        yield from ((home, i in members) for i, home in enumerate(homes))


def fictional_name(names: Names, slug: str, index: int) -> str:
    """A name that nobody bears; different for every index until all pairs are used up."""
    surnames, given = len(names.surnames), len(names.given)
    # each place starts elsewhere in the list, so that neighbours in two places differ
    place = (index + crc32(slug.encode())) % (surnames * given)
    row, column = divmod(place, surnames)
    # a step of its own for every surname: people next to each other share no name
    first = (row + 7 * column) % given
    again = index // (surnames * given)
    return names.surnames[column] + names.given[first] + "又" * again
