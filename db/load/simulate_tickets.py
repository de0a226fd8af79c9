"""The simulated place's tickets, with their events, hops and service records."""

from datetime import datetime

from db.load.copy import Owner, affected
from db.load.units import FOUNDED
from domain.profile import Profile, Role


async def write_tickets(
    connection: Owner, profile: Profile, numbers: range, total: int, now: datetime
) -> int:
    """Add those of the tickets so numbered, out of the total, that are not there yet."""
    slug = profile.slug
    levels = [level.code for level in profile.levels]
    rules = [next(rule for rule in profile.rules if code in rule.levels) for code in levels]
    categories = profile.categories
    await connection.execute(STAGE)
    await connection.execute(
        PLAN,
        numbers[0],
        numbers[-1],
        total,
        now,
        FOUNDED,
        [rule.after_hours for rule in rules],
        [category.code for category in categories],
        [category.name for category in categories],
        [category.severity for category in categories],
        [category.hours for category in categories],
    )
    hours, codes = [rule.after_hours for rule in rules], [rule.code for rule in rules]
    added = await connection.execute(
        TICKETS, slug, profile.number_prefix, FOUNDED, hours, codes, [r.route for r in rules]
    )
    chiefs = [_first_role(profile, code).code for code in levels]
    await connection.execute(EVENTS, slug)
    await connection.execute(HOPS, slug, FOUNDED, hours, codes, chiefs)
    await connection.execute(SERVICES, slug, FOUNDED)
    await connection.execute("DROP TABLE sim_ticket")
    return affected(added)


def _first_role(profile: Profile, level: str) -> Role:
    """The role that matters are sent to at a level."""
    return next(role for role in profile.roles if role.level == level)


STAGE = """
CREATE TEMPORARY TABLE sim_ticket (
    n bigint, id uuid, created timestamptz, last_hop timestamptz, ended timestamptz,
    hops integer, status text, closed boolean, unit_path text COLLATE "C",
    handler_path text COLLATE "C", reporter_id uuid, worker_id uuid, title text,
    category text, severity text, due_at timestamptz
) ON COMMIT DROP
"""

# Evenly over three years, the newest last. A tenth is open: nearly all of the last days', few of
# the old ones. Hop 1 leads to the grid, 2 to the community, 3 to the street, 4 to the district.
# The newest hop of an open ticket is so recent that its time is not up when the simulation ends.
PLAN = """
WITH aged AS MATERIALIZED (
    SELECT n, 94608000.0 * ($3 - n + pg_temp.roll(n, 11, 1000) / 1000.0) / $3 AS age
    FROM generate_series($1::bigint, $2::bigint) AS n
), placed AS MATERIALIZED (
    SELECT n, age, path, name,
        pg_temp.roll(n, 12, 10000) >= 200 + 9800 * exp(-age / 7776000) AS closed,
        left(path, CASE WHEN pg_temp.roll(n, 13, 10) < 7 THEN 24
            WHEN pg_temp.roll(n, 13, 10) < 9 THEN 20 ELSE 16 END) AS unit_path,
        pg_temp.roll(n, 14, 100) AS luck
    FROM aged JOIN sim_unit ON depth = 6
        AND nth = 1 + pg_temp.roll(aged.n, 15, (
            SELECT count(*)::integer FROM sim_unit WHERE depth = 6))
), judged AS (
    SELECT *, CASE
        WHEN closed AND luck < 92 THEN 'CLOSED'
        WHEN closed AND luck < 95 THEN 'REJECTED'
        WHEN closed AND luck < 98 THEN 'MERGED'
        WHEN closed THEN 'WITHDRAWN'
        WHEN age < 36000 AND luck < 60 THEN 'REPORTED'
        WHEN age < 36000 AND luck < 80 THEN 'ACCEPTED'
        WHEN luck < 35 THEN 'DISPATCHED'
        WHEN luck < 75 THEN 'IN_PROGRESS'
        WHEN luck < 83 THEN 'EXTENDED'
        WHEN luck < 93 THEN 'RESOLVED'
        WHEN luck < 97 THEN 'VERIFIED'
        ELSE 'FOLLOWED_UP' END AS status,
        pg_temp.roll(n, 16, 100) AS climb
    FROM placed
), climbed AS (
    SELECT *, CASE
        WHEN status IN ('REJECTED', 'MERGED', 'WITHDRAWN', 'REPORTED', 'ACCEPTED') THEN 0
        WHEN climb < 65 THEN 1 WHEN climb < 87 THEN 2 WHEN climb < 96 THEN 3 ELSE 4 END AS hops
    FROM judged
), handled AS MATERIALIZED (
    SELECT *, $4::timestamptz - make_interval(secs => age) AS created,
        CASE hops WHEN 0 THEN unit_path ELSE left(path, 4 * (5 - hops)) END AS handler_path,
        1 + pg_temp.roll(n, 17, cardinality($7::text[])) AS c
    FROM climbed
), timed AS (
    SELECT *, CASE WHEN closed THEN created + make_interval(secs => least(
            age * 0.95, 3600 - 432000 * ln((1 + pg_temp.roll(n, 18, 9999)) / 10000.0))) END
            AS closed_at,
        $4::timestamptz - make_interval(secs => pg_temp.roll(n, 19, 950) * 3.6
            * ($6::integer[])[length(handler_path) / 4]) AS recent
    FROM handled
), hopped AS MATERIALIZED (
    SELECT *, CASE WHEN closed THEN created + (closed_at - created) * hops / (hops + 1.0)
        WHEN hops = 0 THEN created ELSE greatest(created, recent) END AS last_hop
    FROM timed
)
INSERT INTO sim_ticket
SELECT n, pg_temp.key(created, 'ticket' || n), created, last_hop,
    coalesce(closed_at, last_hop + ($4::timestamptz - last_hop) / 2), hops, status, closed,
    unit_path, handler_path, pg_temp.key($5, 'resident' || path || pg_temp.roll(n, 20, 2)),
    pg_temp.key($5, 'holder' || left(path, 16) || 'worker'),
    format('%s附近的%s问题', name, ($8::text[])[c]), ($7::text[])[c], ($9::text[])[c],
    created + make_interval(hours => ($10::integer[])[c])
FROM hopped
"""

TICKETS = """
INSERT INTO ticket (locality_id, id, number, title, body, status, severity, appeal_type, channel,
    category_code, profile_revision, unit_id, unit_path, handler_unit_id, handler_path,
    reporter_id, created_at, due_at, resolution, resolved_at, verified_at, verdict, closed_at,
    returnable, hops, hop_started_at, hop_due_at, next_route, next_rule, next_unit_id, next_due_at)
SELECT $1, id, format('%s-%s', $2::text, lpad(n::text, 8, '0')), title, '', status, severity,
    (ARRAY['HELP', 'HELP', 'COMPLAINT', 'SUGGESTION', 'CONSULTATION'])[1 + pg_temp.roll(n, 21, 5)],
    (ARRAY['GROUP_CHAT', 'HOTLINE', 'VISIT', 'PATROL', 'APP'])[1 + pg_temp.roll(n, 22, 5)],
    category, 1, pg_temp.key($3, 'unit' || unit_path), unit_path,
    pg_temp.key($3, 'unit' || handler_path), handler_path, reporter_id, created, due_at,
    CASE WHEN answered THEN '已办结' END, CASE WHEN answered THEN ended END,
    CASE WHEN status IN ('VERIFIED', 'FOLLOWED_UP', 'CLOSED') THEN ended END,
    CASE WHEN status IN ('FOLLOWED_UP', 'CLOSED')
        THEN (ARRAY['SATISFIED', 'SATISFIED', 'SATISFIED', 'PARTLY_SATISFIED', 'NOT_REACHED'])[
            1 + pg_temp.roll(n, 23, 5)] END,
    CASE WHEN closed THEN ended END, true, hops,
    last_hop, last_hop + make_interval(hours => ($4::integer[])[depth]),
    CASE WHEN waits THEN ($6::text[])[depth] END,
    CASE WHEN waits THEN ($5::text[])[depth] END,
    CASE WHEN waits THEN pg_temp.key($3, 'unit' || CASE ($6::text[])[depth]
        WHEN 'UP' THEN left(handler_path, -4) ELSE handler_path END) END,
    CASE WHEN waits THEN last_hop + make_interval(hours => ($4::integer[])[depth]) END
FROM (
    SELECT *, length(handler_path) / 4 AS depth,
        status IN ('RESOLVED', 'VERIFIED', 'FOLLOWED_UP', 'CLOSED') AS answered,
        status IN ('REPORTED', 'ACCEPTED', 'DISPATCHED', 'IN_PROGRESS', 'EXTENDED') AS waits
    FROM sim_ticket
) AS planned
ORDER BY n
ON CONFLICT DO NOTHING
"""

# Sequence 1 reports, 2 to hops + 1 send on, the last says how it stands.
EVENTS = """
INSERT INTO ticket_event (locality_id, id, ticket_id, sequence, verb, from_status, to_status, at,
    actor_id, unit_path, handler_path, reporter_id)
SELECT $1, pg_temp.key(at, format('event%s-%s', n, sequence)), id, sequence, verb, from_status,
    to_status, at, actor_id, unit_path, handler_path, reporter_id
FROM sim_ticket CROSS JOIN LATERAL (
    SELECT 1 AS sequence, 'REPORT' AS verb, NULL AS from_status, 'REPORTED' AS to_status,
        created AS at, reporter_id AS actor_id
    UNION ALL
    SELECT k + 1, CASE k WHEN 1 THEN 'DISPATCH' ELSE 'ESCALATE' END,
        CASE k WHEN 1 THEN 'REPORTED' ELSE 'DISPATCHED' END, 'DISPATCHED',
        created + (last_hop - created) * k / hops, worker_id
    FROM generate_series(1, hops) AS k
    UNION ALL
    SELECT hops + 2, CASE status
            WHEN 'ACCEPTED' THEN 'ACCEPT' WHEN 'REJECTED' THEN 'REJECT' WHEN 'MERGED' THEN 'MERGE'
            WHEN 'WITHDRAWN' THEN 'WITHDRAW' WHEN 'IN_PROGRESS' THEN 'SIGN'
            WHEN 'EXTENDED' THEN 'EXTEND' WHEN 'RESOLVED' THEN 'RESOLVE'
            WHEN 'VERIFIED' THEN 'VERIFY' WHEN 'FOLLOWED_UP' THEN 'FOLLOW_UP' ELSE 'CLOSE' END,
        CASE hops WHEN 0 THEN 'REPORTED' ELSE 'DISPATCHED' END, status, ended,
        CASE status WHEN 'WITHDRAWN' THEN reporter_id ELSE worker_id END
    WHERE status NOT IN ('REPORTED', 'DISPATCHED')
) AS event
ORDER BY n, sequence
ON CONFLICT DO NOTHING
"""

# Hop k ends at depth 5 - k, by the rule of the level below; half of the climbing is the clock's.
HOPS = """
INSERT INTO escalation_hop (locality_id, ticket_id, sequence, route, from_unit_id, to_unit_id,
    to_post_id, actor_id, rule, at, due_at, left_at, unit_path, handler_path, reporter_id)
SELECT $1, id, k, CASE k WHEN 1 THEN 'DISPATCH' ELSE 'UP' END,
    pg_temp.key($2, 'unit' || CASE k WHEN 1 THEN unit_path ELSE left(unit_path, 4 * (6 - k)) END),
    pg_temp.key($2, 'unit' || left(unit_path, 4 * (5 - k))),
    pg_temp.key($2, 'post' || left(unit_path, 4 * (5 - k)) || ($5::text[])[5 - k]),
    CASE WHEN k = 1 OR pg_temp.roll(n, 23 + k, 2) = 0 THEN worker_id END,
    CASE WHEN k > 1 THEN ($4::text[])[6 - k] END, at,
    at + make_interval(hours => ($3::integer[])[5 - k]),
    CASE WHEN k < hops THEN created + (last_hop - created) * (k + 1) / hops
        WHEN closed THEN ended END,
    unit_path, handler_path, reporter_id
FROM sim_ticket, generate_series(1, hops) AS k,
    LATERAL (SELECT created + (last_hop - created) * k / hops AS at) AS moment
ORDER BY n, k
ON CONFLICT DO NOTHING
"""

SERVICES = """
INSERT INTO service_record (locality_id, id, kind, at, note, ticket_id, unit_id, unit_path,
    handler_path, person_id, recipient_id)
SELECT $1, pg_temp.key(at, format('service%s-%s', n, k)),
    (ARRAY['VISIT', 'VISIT', 'ERRAND', 'MEDIATION', 'REPAIR', 'CARE', 'FOLLOW_UP'])[
        1 + pg_temp.roll(n, 30 + k, 7)],
    at, '已记录', id, pg_temp.key($2, 'unit' || unit_path), unit_path, handler_path, worker_id,
    reporter_id
FROM sim_ticket, generate_series(1, 1 + pg_temp.roll(n, 28, 4)) AS k,
    LATERAL (SELECT created + (ended - created) * k / 5 AS at) AS moment
WHERE pg_temp.roll(n, 29, 100) < 40
ORDER BY n, k
ON CONFLICT DO NOTHING
"""
