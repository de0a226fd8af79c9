"""Putting a profile in force: the locality, its revision, its levels and categories."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256
from typing import Any, cast

from db.load.copy import Owner, add
from domain.profile import Category, Level, Profile
from domain.terms import LevelKind, Severity


async def put_profile(connection: Owner, profile: Profile, now: datetime) -> int:
    """Write what the profile says; a new revision only when it differs from the one in force."""
    text = json.dumps(body(profile), ensure_ascii=False, sort_keys=True)
    digest = sha256(text.encode()).hexdigest()
    async with connection.transaction():
        await connection.execute(LOCALITY, *_locality(profile))
        revision = await connection.fetchval(IN_FORCE, profile.slug, digest)
        if revision is None:
            revision = await connection.fetchval(REVISE, profile.slug, digest, text, now)
        await connection.execute(ENFORCE, profile.slug, revision)
        await connection.executemany(LEVEL, _levels(profile))
        await connection.executemany(CATEGORY, _categories(profile))
    return int(revision)


async def add_categories(
    connection: Owner, slug: str, found: Iterable[Category]
) -> dict[str, Category]:
    """Add the categories that a file brings, unless known; all of the place by their codes."""
    await add(connection, "category", (_category_row(slug, each) for each in found))
    rows = await connection.fetch(CATEGORIES, slug)
    return {
        code: Category(code, name, Severity(severity), hours)
        for code, name, severity, hours in rows
    }


def _category_row(slug: str, category: Category) -> dict[str, Any]:
    return {
        "locality_id": slug,
        "code": category.code,
        "name": category.name,
        "severity": category.severity,
        "hours": category.hours,
    }


def level_of(profile: Profile, kind: LevelKind) -> Level:
    """The profile's first level of a kind."""
    found = [level for level in profile.levels if level.kind is kind]
    if not found:
        raise ValueError(f"the profile {profile.slug} has no level of kind {kind.value}")
    return found[0]


def body(profile: Profile) -> dict[str, Any]:
    """The profile as its file would say it, so that `parse_profile` reads it back."""
    facts = {key: value for key, value in asdict(profile).items() if not key.startswith("_")}
    for level in facts["levels"]:
        # The file says it by the order of the levels.
        del level["depth"]
    return _without_nothing(facts)


def _without_nothing(value: Any) -> Any:
    """The same without keys that hold None, which TOML cannot say."""
    if isinstance(value, dict):
        table = cast("dict[str, Any]", value)
        return {key: _without_nothing(each) for key, each in table.items() if each is not None}
    if isinstance(value, list | tuple):
        return [_without_nothing(each) for each in cast("list[Any]", value)]
    return value


def _locality(profile: Profile) -> tuple[str | None, ...]:
    return (
        profile.slug,
        profile.name,
        profile.division,
        profile.time_zone,
        profile.number_prefix,
    )


def _levels(profile: Profile) -> list[tuple[Any, ...]]:
    return [
        (profile.slug, level.code, level.tree, level.name, level.kind, level.depth)
        for level in profile.levels
    ]


def _categories(profile: Profile) -> list[tuple[Any, ...]]:
    return [tuple(_category_row(profile.slug, each).values()) for each in profile.categories]


# A division that is not loaded yet is left open until the next start.
LOCALITY = """
INSERT INTO locality (id, name, division_code, time_zone, number_prefix, revision)
VALUES ($1, $2, (SELECT code FROM division WHERE code = $3), $4, $5, 0)
ON CONFLICT (id) DO UPDATE
SET name = excluded.name, division_code = excluded.division_code,
    time_zone = excluded.time_zone, number_prefix = excluded.number_prefix
"""

IN_FORCE = """
SELECT revision.revision FROM locality
JOIN profile_revision AS revision
    ON revision.locality_id = locality.id AND revision.revision = locality.revision
WHERE locality.id = $1 AND revision.digest = $2
"""

REVISE = """
INSERT INTO profile_revision (locality_id, revision, digest, body, created_at)
SELECT $1, coalesce(max(revision), 0) + 1, $2, $3::text::jsonb, $4
FROM profile_revision WHERE locality_id = $1
RETURNING revision
"""

ENFORCE = "UPDATE locality SET revision = $2 WHERE id = $1 AND revision <> $2"

LEVEL = """
INSERT INTO level (locality_id, code, tree, name, kind, depth) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (locality_id, code) DO UPDATE
SET tree = excluded.tree, name = excluded.name, kind = excluded.kind, depth = excluded.depth
"""

CATEGORY = """
INSERT INTO category (locality_id, code, name, severity, hours) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (locality_id, code) DO UPDATE
SET name = excluded.name, severity = excluded.severity, hours = excluded.hours
"""

CATEGORIES = "SELECT code, name, severity, hours FROM category WHERE locality_id = $1"
