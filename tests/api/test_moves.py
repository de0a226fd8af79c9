"""Units are where the profile's loader put them: no client and no role of the server moves one."""

import asyncpg
import pytest

from schema.api import API
from tests.api.served import Site

ATTEMPTS = (
    "UPDATE org_unit SET path = '0000' WHERE locality_id = 'weibin'",
    "UPDATE org_unit SET parent_id = NULL WHERE locality_id = 'weibin'",
    "UPDATE org_unit SET valid_to = CURRENT_DATE WHERE locality_id = 'weibin'",
    "DELETE FROM org_unit WHERE locality_id = 'weibin'",
    "UPDATE ticket_event SET note = ''",
    "DELETE FROM ticket_event",
    "UPDATE client_mutation SET answer = '{}'",
)


@pytest.mark.parametrize("attempt", ATTEMPTS)
async def test_the_servers_role_may_not(shop: Site, attempt: str) -> None:
    connection = await asyncpg.connect(shop.scratch.app_dsn)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(attempt)
    finally:
        await connection.close()


def test_no_verb_is_about_units() -> None:
    fields = API.core.mutation_type.fields
    assert fields
    assert not [name for name in fields if "unit" in name.lower()]
