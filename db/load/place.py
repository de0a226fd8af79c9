"""A place from its file: the profile in force and, where it has a `[demo]`, people and history."""

from collections.abc import Iterator
from datetime import datetime

from db.load.cases import Case, write_cases
from db.load.cast import Cast, make_cast
from db.load.copy import Owner, add, settle
from db.load.files import names
from db.load.history import make_history
from db.load.people import appointment_rows, person_rows, post_rows, private_rows
from db.load.play import Play
from db.load.profile import put_profile
from db.load.report import Progress, Report
from db.load.stories import play_story
from db.load.units import add_units
from domain.demo import Demo
from domain.profile import Profile


async def load_place(
    connection: Owner, profile: Profile, demo: Demo | None, now: datetime, progress: Progress
) -> Report:
    """Put the profile in force; fill the place if it is empty. Rows are units, people, tickets."""
    report = Report()
    async with connection.transaction():
        # Two servers that start at once fill one place after the other.
        await connection.execute(LOCK, profile.slug)
        revision = await put_profile(connection, profile, now)
        if demo is None or await connection.fetchval(PEOPLED, profile.slug):
            return report
        cast = make_cast(profile, demo, names())
        await _write_cast(connection, cast)
        progress(len(cast.plan) + len(cast.people))
        tickets = await _write_history(connection, cast, demo, now, revision)
        report.read = len(cast.plan) + len(cast.people) + tickets
    report.settle(report.read)
    progress(report.read)
    await settle(connection)
    return report


async def _write_cast(connection: Owner, cast: Cast) -> None:
    """Units first, then who serves and lives in them."""
    slug = cast.profile.slug
    cast.units.update(await add_units(connection, slug, cast.plan))
    await add(connection, "post", post_rows(slug, cast.posts, cast.units, phones=True))
    await add(connection, "person", person_rows(slug, cast.people, cast.where))
    await add(connection, "person_private", private_rows(slug, cast.people, cast.where))
    await add(connection, "appointment", appointment_rows(slug, cast.posts, cast.units))


async def _write_history(
    connection: Owner, cast: Cast, demo: Demo, now: datetime, revision: int
) -> int:
    """The stories and the made-up history, numbered as they were reported; how many tickets."""
    history = make_history(cast, demo.history, now)
    plays = [*history.plays(), *(play_story(cast, story, now) for story in demo.stories)]
    plays.sort(key=lambda play: (play.events[0].at, play.key))
    await write_cases(connection, _numbered(cast.profile, plays, revision), lambda _: None)
    told = sum(len(play.services) for play in plays)
    await add(connection, "service_record", history.visits(demo.history.services - told))
    return len(plays)


def _numbered(profile: Profile, plays: list[Play], revision: int) -> Iterator[Case]:
    for n, play in enumerate(plays, 1):
        # The shape of db.keys.new_number, counted instead of drawn.
        day = play.events[0].at
        yield play.case(f"{profile.number_prefix}-{day:%y%m%d}-{n:06}", revision)


LOCK = "SELECT pg_advisory_xact_lock(hashtextextended($1, 7463902))"
PEOPLED = "SELECT EXISTS (SELECT FROM org_unit WHERE locality_id = $1)"
