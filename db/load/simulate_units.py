"""The simulated place's units, posts and people."""

from db.load.copy import Owner
from db.load.units import FOUNDED
from domain.demo import Names
from domain.profile import Profile

UNITS_A_COMMUNITY = 291
"""On average: itself, 5 grids, 9 or 10 buildings in each, 4 to 6 stairwells in each."""

MOST_COMMUNITIES = 36**2 * 16
"""As many as two digits of a path's label give: 16 communities a street."""


async def write_units(connection: Owner, profile: Profile, units: int, names: Names) -> None:
    """Add the units, about as many as wanted, with their posts and people, unless there."""
    communities = min(max(1, round(units / UNITS_A_COMMUNITY)), MOST_COMMUNITIES)
    roles = [(role.level, role.code, role.title, role.kind, role.cover) for role in profile.roles]
    slug, depths = profile.slug, [level.code for level in profile.levels]
    await connection.execute(STAGE)
    await connection.execute(PLAN_UNITS, communities)
    await connection.execute("CREATE INDEX ON sim_unit (depth, nth)")
    await connection.execute("ANALYZE sim_unit")
    await connection.execute(UNITS, slug, FOUNDED, depths)
    await connection.execute(PLAN_POSTS, FOUNDED, depths, *map(list, zip(*roles, strict=True)))
    await connection.execute(POSTS, slug, FOUNDED)
    await connection.execute(HOLDERS, slug, FOUNDED, list(names.surnames), list(names.given))
    await connection.execute(HOLD, slug, FOUNDED)
    await connection.execute(COVER, slug, FOUNDED)
    await connection.execute(RESIDENTS, slug, FOUNDED, list(names.surnames), list(names.given))
    await connection.execute(PRIVATE, slug, FOUNDED)


STAGE = """
DROP TABLE IF EXISTS pg_temp.sim_unit, pg_temp.sim_post;
CREATE TEMPORARY TABLE sim_unit (
    path text COLLATE "C", above text COLLATE "C", depth integer, nth integer, position integer,
    name text
);
CREATE TEMPORARY TABLE sim_post (
    id uuid, path text COLLATE "C", role text, title text, kind text, position integer,
    held boolean, covered boolean, person_id uuid
)
"""

# Path, parent's path, depth, number in the level, position; four digits of path a level.
PLAN_UNITS = """
WITH street AS (
    SELECT '0000' || pg_temp.label(s) AS path, s AS i FROM generate_series(0, ($1 - 1) / 16) AS s
), community AS (
    SELECT '0000' || pg_temp.label(c / 16) || pg_temp.label(c % 16) AS path, c % 16 AS i
    FROM generate_series(0, $1 - 1) AS c
), grid AS (
    SELECT path || pg_temp.label(g) AS path, g AS i
    FROM community, generate_series(0, 4) AS g
), building AS (
    SELECT path || pg_temp.label(b) AS path, b AS i
    FROM grid, generate_series(0, 8 + pg_temp.roll_text(path, 1, 2)) AS b
), stairwell AS (
    SELECT path || pg_temp.label(w) AS path, w AS i
    FROM building, generate_series(0, 3 + pg_temp.roll_text(path, 2, 3)) AS w
), planned AS (
    SELECT '0000' AS path, 1 AS depth, 0 AS i, '模拟区' AS name
    UNION ALL SELECT path, 2, i, format('第%s街道', i + 1) FROM street
    UNION ALL SELECT path, 3, i, format('第%s社区', i + 1) FROM community
    UNION ALL SELECT path, 4, i, format('第%s网格', i + 1) FROM grid
    UNION ALL SELECT path, 5, i, format('%s号楼', i + 1) FROM building
    UNION ALL SELECT path, 6, i, format('%s单元', i + 1) FROM stairwell
)
INSERT INTO sim_unit
SELECT path, left(path, -4), depth, row_number() OVER (PARTITION BY depth ORDER BY path), i + 1,
    name
FROM planned
"""

UNITS = """
INSERT INTO org_unit (locality_id, id, tree, level_code, parent_id, path, position, code, name,
    households)
SELECT $1, pg_temp.key($2, 'unit' || path), 'GRID', ($3::text[])[depth],
    CASE WHEN depth > 1 THEN pg_temp.key($2, 'unit' || above) END,
    path, position, format('%s-%s', ($3::text[])[depth], nth), name,
    CASE depth WHEN 6 THEN 12 END
FROM sim_unit ORDER BY path
ON CONFLICT DO NOTHING
"""

# A unit has every post of its level. A worker's is never vacant: somebody must do the work.
PLAN_POSTS = """
INSERT INTO sim_post
SELECT pg_temp.key($1, 'post' || path || role.code), path, role.code, role.title, role.kind,
    row_number() OVER (PARTITION BY path ORDER BY role.place),
    role.kind = 'GRID_WORKER' OR pg_temp.roll_text(path || role.code, 3, 100) >= 8,
    role.cover AND pg_temp.roll_text(path || role.code, 4, 100) < 45,
    pg_temp.key($1, 'holder' || path || role.code)
FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::boolean[])
    WITH ORDINALITY AS role (level, code, title, kind, cover, place)
JOIN sim_unit ON ($2::text[])[depth] = role.level
"""

POSTS = """
INSERT INTO post (locality_id, id, unit_id, unit_path, role_code, title, kind, position,
    official_phone)
SELECT $1, id, pg_temp.key($2, 'unit' || path), path, role, title, kind, position,
    CASE WHEN length(path) <= 16 THEN '010-0000-' || lpad(
        pg_temp.roll_text(path || role, 5, 10000)::text, 4, '0') END
FROM sim_post ORDER BY path, position
ON CONFLICT DO NOTHING
"""

HOLDERS = """
INSERT INTO person (locality_id, id, name, unit_id, unit_path, published)
SELECT $1, person_id,
    ($3::text[])[1 + pg_temp.roll_text(path || role, 6, cardinality($3::text[]))]
        || ($4::text[])[1 + pg_temp.roll_text(path || role, 7, cardinality($4::text[]))],
    pg_temp.key($2, 'unit' || path), path, true
FROM sim_post WHERE held ORDER BY path, position
ON CONFLICT DO NOTHING
"""

HOLD = """
INSERT INTO appointment (locality_id, id, post_id, person_id, unit_path, capacity)
SELECT $1, pg_temp.key($2, 'holds' || path || role), id, person_id, path, 'HOLDER'
FROM sim_post WHERE held ORDER BY path, position
ON CONFLICT DO NOTHING
"""

# The neighbour stands in: the next holder of the same role under the same parent, round the ring.
COVER = """
WITH ring AS (
    SELECT left(path, -4) AS above, role, path, person_id,
        lead(person_id) OVER siblings AS next,
        first_value(person_id) OVER siblings AS first
    FROM sim_post WHERE held
    WINDOW siblings AS (PARTITION BY left(path, -4), role ORDER BY path)
)
INSERT INTO appointment (locality_id, id, post_id, person_id, unit_path, capacity)
SELECT $1, pg_temp.key($2, 'covers' || path || role), sim_post.id,
    coalesce(ring.next, ring.first), path, 'COVER'
FROM sim_post JOIN ring USING (path, role)
WHERE covered AND coalesce(ring.next, ring.first) <> sim_post.person_id
ORDER BY path
ON CONFLICT DO NOTHING
"""

RESIDENTS = """
INSERT INTO person (locality_id, id, name, unit_id, unit_path, published)
SELECT $1, pg_temp.key($2, 'resident' || path || k),
    ($3::text[])[1 + pg_temp.roll_text(path || k, 8, cardinality($3::text[]))]
        || ($4::text[])[1 + pg_temp.roll_text(path || k, 9, cardinality($4::text[]))],
    pg_temp.key($2, 'unit' || path), path, false
FROM sim_unit, generate_series(0, 1) AS k WHERE depth = 6 ORDER BY path, k
ON CONFLICT DO NOTHING
"""

PRIVATE = """
INSERT INTO person_private (locality_id, person_id, unit_path, phone, address)
SELECT $1, pg_temp.key($2, 'resident' || path || k), path,
    '138-0000-' || lpad(pg_temp.roll_text(path || k, 10, 10000)::text, 4, '0'),
    format('%s%s室', name, 101 + 100 * k)
FROM sim_unit, generate_series(0, 1) AS k WHERE depth = 6 ORDER BY path, k
ON CONFLICT DO NOTHING
"""
