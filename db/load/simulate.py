"""The place `simulated`: as many units and tickets as wanted, the same for the same seed."""

from dataclasses import replace
from datetime import datetime

from db.load.copy import Owner, settle
from db.load.files import names, simulated_profile
from db.load.profile import put_profile
from db.load.report import Progress, Report
from db.load.simulate_tickets import write_tickets
from db.load.simulate_units import write_units
from domain.profile import Profile

CHUNK = 50_000
"""Tickets written in one transaction."""


class SimulationError(Exception):
    """The place exists already, made with other numbers."""


async def simulate(
    connection: Owner,
    units: int = 67_000,
    tickets: int = 500_000,
    progress: Progress = lambda _: None,
    seed: int = 1,
) -> Report:
    """Make the place, or what is missing of it; rows of the report are tickets."""
    made = f"units={units} tickets={tickets} seed={seed}"
    # Said in the profile, so that a broken simulation is continued as it began.
    profile = replace(simulated_profile(), source=made)
    async with connection.transaction():
        now = await _begin(connection, profile)
        await connection.execute(FUNCTIONS.format(seed=int(seed)))
        await write_units(connection, profile, units, names())
    report = Report(read=tickets)
    loaded = 0
    for first in range(1, tickets + 1, CHUNK):
        last = min(first + CHUNK - 1, tickets)
        async with connection.transaction():
            loaded += await write_tickets(connection, profile, range(first, last + 1), tickets, now)
        progress(last)
    report.settle(loaded)
    await connection.execute("DROP TABLE pg_temp.sim_unit, pg_temp.sim_post")
    await settle(connection)
    return report


async def _begin(connection: Owner, profile: Profile) -> datetime:
    """The moment that the simulation ends at: when it was first begun, with the same numbers."""
    begun = await connection.fetchrow(BEGUN, profile.slug)
    if begun is None:
        now = await connection.fetchval("SELECT date_trunc('second', now())")
        await put_profile(connection, profile, now)
        return now
    if begun["made"] != profile.source:
        raise SimulationError(f"the place {profile.slug} exists, made with {begun['made']}")
    return begun["created_at"]


BEGUN = """
SELECT body->>'source' AS made, created_at FROM profile_revision
WHERE locality_id = $1 AND revision = 1
"""

# key: a UUIDv7 of a moment and a name. roll, roll_text: a number below `sides`, by a number or text
# and a salt that tells the questions apart. label: db.paths.label.
FUNCTIONS = """
CREATE OR REPLACE FUNCTION pg_temp.key(at timestamptz, name text) RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN (
    lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || overlay(overlay(
        left(md5('{seed}' || name), 20) PLACING '7' FROM 1 FOR 1) PLACING '8' FROM 5 FOR 1)
)::uuid;
CREATE OR REPLACE FUNCTION pg_temp.roll(n bigint, salt integer, sides integer) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
    ((hashint8extended(n, {seed} * 1000 + salt) & 2147483647) % sides)::integer;
CREATE OR REPLACE FUNCTION pg_temp.roll_text(name text, salt integer, sides integer) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
    ((hashtextextended(name COLLATE "C", {seed} * 1000 + salt) & 2147483647) % sides)::integer;
CREATE OR REPLACE FUNCTION pg_temp.label(n integer) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
    '00' || substr('0123456789abcdefghijklmnopqrstuvwxyz', n / 36 + 1, 1)
         || substr('0123456789abcdefghijklmnopqrstuvwxyz', n % 36 + 1, 1);
"""
