"""The headers of a request, read in one pass."""

from starlette.types import Scope


def heads_of(scope: Scope) -> dict[bytes, str]:
    """Each header by its name in small letters; one that comes in several lines is one list."""
    found: dict[bytes, str] = {}
    for name, value in scope["headers"]:
        text = value.decode("latin-1")
        found[name] = f"{found[name]},{text}" if name in found else text
    return found
