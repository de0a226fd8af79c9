"""The same places under other rules of their operator."""

from copy import copy
from typing import Any

from db.listen import Bell
from server.app import make_app
from server.rules import Rules
from tests.api.served import KEY, Site


def under(site: Site, **rules: Any) -> Site:
    """A site's database served under other rules."""
    other = copy(site)
    other.bell = Bell(site.scratch.app_dsn)
    other.app = make_app(site.database, KEY, bell=other.bell, rules=Rules(**rules), demo=True)
    return other
