"""The cast of a place: its planned units, posts and people, found as a story needs them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from random import Random

from db.load.people import homes, person_id, post_id
from db.load.units import Unit
from domain.demo import Demo, Names, PlannedPerson, PlannedPost, PlannedUnit
from domain.demo_plan import find_units, plan_people, plan_posts, plan_units
from domain.ids import PersonId, UnitId
from domain.profile import Profile
from domain.ticket import Target


@dataclass(frozen=True)
class Cast:
    """Who and what there is in a place, before anything happens."""

    profile: Profile
    plan: Sequence[PlannedUnit]
    posts: Sequence[PlannedPost]
    people: Sequence[PlannedPerson]
    units: dict[str, Unit] = field(default_factory=dict[str, Unit])
    """Filled when the units are written and have their paths."""

    @cached_property
    def where(self) -> list[Unit]:
        """Each person's unit, in the order of the people."""
        return [self.units[key] for key in homes(self.people, self.posts)]

    @cached_property
    def by_id(self) -> dict[UnitId, Unit]:
        """The units by their keys in the database."""
        return {unit.id: unit for unit in self.units.values()}

    @cached_property
    def leaves(self) -> list[Unit]:
        """The units at the foot of the tree that handles matters, where needs arise."""
        leaf = self.profile.tree(self.profile.handling_tree)[-1]
        return [self.units[planned.key] for planned in self.plan if planned.level == leaf.code]

    @cached_property
    def _posts_of(self) -> dict[UnitId, list[PlannedPost]]:
        found: defaultdict[UnitId, list[PlannedPost]] = defaultdict(list)
        for post in sorted(self.posts, key=lambda post: post.position):
            found[self.units[post.unit].id].append(post)
        return found

    @cached_property
    def _residents_of(self) -> dict[UnitId, list[PersonId]]:
        found: defaultdict[UnitId, list[PersonId]] = defaultdict(list)
        for person, unit in zip(self.people, self.where, strict=True):
            if person.home:
                found[unit.id].append(person_id(self.profile.slug, person.index))
        return found

    def named(self, reference: str) -> Unit:
        """The one unit that a story's reference means."""
        (planned,) = find_units(self.plan, reference)
        return self.units[planned.key]

    def target(self, unit: Unit) -> Target:
        """A unit to send to; its first post answers for it."""
        post = next(iter(self._posts_of[unit.id]), None)
        return Target(unit.id, unit.level, post_id(self.profile.slug, post.key) if post else None)

    def holder(self, role: str, unit: Unit) -> PersonId:
        """Who holds a role in a unit, else whoever answers for the unit."""
        for post in self._posts_of[unit.id]:
            if post.role == role and post.holder is not None:
                return person_id(self.profile.slug, post.holder)
        return self.worker(unit)

    def worker(self, unit: Unit) -> PersonId:
        """Who answers for a unit: holder or cover of its first filled post, else of those above."""
        for post in self._posts_of[unit.id]:
            person = post.holder if post.holder is not None else post.cover
            if person is not None:
                return person_id(self.profile.slug, person)
        if unit.parent is None:
            raise ValueError(f"nobody holds a post in {self.profile.slug}")
        return self.worker(unit.parent)

    def resident(self, unit: Unit, chance: Random) -> PersonId | None:
        """Somebody who lives in a unit, or in one above where homes are known only so far."""
        while not self._residents_of[unit.id] and unit.parent is not None:
            unit = unit.parent
        found = self._residents_of[unit.id]
        return chance.choice(found) if found else None


def make_cast(profile: Profile, demo: Demo, names: Names) -> Cast:
    """The cast that a `[demo]` plans."""
    plan = plan_units(demo, profile)
    posts = plan_posts(demo, profile, plan)
    return Cast(profile, plan, posts, plan_people(demo, profile, plan, posts, names))
