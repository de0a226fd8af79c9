"""Writing down who is about to be given personal data, and refusing who has been given enough."""

from collections.abc import Sequence
from math import ceil

from db.disclosure_store import Facts, TooManyPeopleError, write_down
from db.pool import Database
from db.scope import Scope
from server import errors
from server.failed import refused


async def disclose(database: Database, scope: Scope, facts: Sequence[Facts]) -> None:
    """Write down which personal data are about to be given to somebody, or raise."""
    try:
        await write_down(database, scope, facts)
    except TooManyPeopleError as error:
        wait = ceil(error.wait.total_seconds())
        raise refused(errors.DISCLOSURE_LIMIT, wait) from error
