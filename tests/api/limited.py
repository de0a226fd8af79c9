"""The same places with limits in force."""

from copy import copy
from typing import Any

from db.listen import Bell
from server.app import make_app
from server.limits import Limits
from tests.api.served import KEY, Site


def limited(site: Site, **limits: Any) -> Site:
    """A site's database served within limits."""
    other = copy(site)
    other.bell = Bell(site.scratch.app_dsn)
    other.app = make_app(site.database, KEY, bell=other.bell, limits=Limits(**limits), demo=True)
    return other
