"""Posts and people of a place, from a plan to rows."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from db.load.ids import uuid_at
from db.load.units import FOUNDED, Unit
from domain.demo import PlannedPerson, PlannedPost, PlannedUnit
from domain.ids import PersonId, PostId
from domain.profile import Profile
from domain.terms import Capacity

Row = dict[str, Any]


def person_id(slug: str, name: str | int) -> PersonId:
    """The key of somebody known by a number or a name."""
    return PersonId(uuid_at(FOUNDED, slug, "person", str(name)))


def post_id(slug: str, key: str) -> PostId:
    """The key of a post."""
    return PostId(uuid_at(FOUNDED, slug, "post", key))


def vacant_posts(profile: Profile, units: Iterable[PlannedUnit]) -> list[PlannedPost]:
    """One post of each role in each unit of its level, for a place whose people are unknown."""
    return [
        PlannedPost(
            f"{unit.key}/{role.code}-1", unit.key, role.code, role.title, role.kind, n, None, None,
            False,
        )
        for unit in units
        for n, role in enumerate((r for r in profile.roles if r.level == unit.level), 1)
    ]  # fmt: skip


def post_rows(
    slug: str, posts: Iterable[PlannedPost], units: Mapping[str, Unit], phones: bool
) -> Iterable[Row]:
    """Rows of `post`; the official number is a fictional one."""
    for number, post in enumerate(posts):
        yield {
            "locality_id": slug,
            "id": post_id(slug, post.key),
            "unit_id": units[post.unit].id,
            "unit_path": units[post.unit].path,
            "role_code": post.role,
            "title": post.title,
            "kind": post.kind,
            "position": post.position,
            "official_phone": f"010-0000-{number:04}" if phones else None,
        }


def homes(people: Sequence[PlannedPerson], posts: Iterable[PlannedPost]) -> list[str]:
    """The key of each person's unit: where they live or, holding a post, where the first one is."""
    serving: dict[int, str] = {}
    for post in posts:
        if post.holder is not None:
            serving.setdefault(post.holder, post.unit)
    return [person.home or serving[person.index] for person in people]


def person_rows(slug: str, people: Sequence[PlannedPerson], where: Sequence[Unit]) -> Iterable[Row]:
    """Rows of `person`; only holders of posts stand on the public board."""
    for person, unit in zip(people, where, strict=True):
        yield {
            "locality_id": slug,
            "id": person_id(slug, person.index),
            "name": person.name,
            "unit_id": unit.id,
            "unit_path": unit.path,
            "published": person.home is None,
        }


def private_rows(
    slug: str, people: Sequence[PlannedPerson], where: Sequence[Unit]
) -> Iterable[Row]:
    """Rows of `person_private`: fictional numbers and addresses."""
    for person, unit in zip(people, where, strict=True):
        yield {
            "locality_id": slug,
            "person_id": person_id(slug, person.index),
            "unit_path": unit.path,
            "phone": f"138-0000-{person.index:04}",
            "address": f"{unit.name}{101 + person.index % 600}室" if person.home else None,
        }


def appointment_rows(
    slug: str, posts: Iterable[PlannedPost], units: Mapping[str, Unit]
) -> Iterable[Row]:
    """Rows of `appointment`: who holds each post, and who stands in."""
    for post in posts:
        for capacity, person in ((Capacity.HOLDER, post.holder), (Capacity.COVER, post.cover)):
            if person is not None:
                yield {
                    "locality_id": slug,
                    "id": uuid_at(FOUNDED, slug, capacity, post.key),
                    "post_id": post_id(slug, post.key),
                    "person_id": person_id(slug, person),
                    "unit_path": units[post.unit].path,
                    "capacity": capacity,
                }
