"""Where a webhook may go."""

import pytest

from server.app import make_app
from server.settings import Settings
from tests.api.acting import DISTRICT, GRID
from tests.api.hooks import hooked, new, refusal
from tests.api.served import KEY, Site


@pytest.mark.parametrize(
    "url",
    [
        "http://receiver.example.com/",
        "http://127.0.0.1:8099/",
        "https://127.0.0.1/",
        "https://localhost/",
        "https://10.0.0.1/",
        "https://[::1]/",
        "https://2130706433/",
        "https://user:secret@receiver.example.com/",
        "https://receiver.example.com./",
        "https://接收方.example.com/",
        "javascript:alert(1)",
        f"https://receiver.example.com/{'a' * 2000}",
        "",
    ],
)
async def test_a_url_that_leads_inside_is_refused(shop: Site, url: str) -> None:
    given = await new(shop, url=url)
    assert await refusal(shop, "webhookCreate", DISTRICT, **given) == ("URL_NOT_ALLOWED", "url")


async def test_it_may_go_inside_only_where_the_server_was_started_so(
    own: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the environment says later is nobody's setting."""
    monkeypatch.setenv("LINLI_WEBHOOKS_TO_PRIVATE", "1")
    given = await new(own, url="http://127.0.0.1:8099/")
    assert await refusal(own, "webhookCreate", DISTRICT, **given) == ("URL_NOT_ALLOWED", "url")
    own.app = make_app(
        own.database, KEY, webhooks_to_private=Settings.read().webhooks_to_private, demo=True
    )
    webhook, _ = await hooked(own, DISTRICT, GRID, given["url"])
    own.app = make_app(own.database, KEY, demo=True)
    found = await refusal(
        own, "webhookUpdate", DISTRICT, webhookId=webhook, url="http://127.0.0.1:8098/"
    )
    assert found == ("URL_NOT_ALLOWED", "url")
