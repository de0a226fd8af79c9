"""Which media type an Accept header wants most, of those that can be given."""

from functools import lru_cache

JSON = "application/json"
GRAPHQL_JSON = "application/graphql-response+json"
EVENTS = "text/event-stream"
HTML = "text/html"

REMEMBERED = 256
"""Headers of each kind of which it is remembered what they come to: most clients send the same."""

LONGEST = 1_000
"""Characters of such a header that are looked at."""

RANK = {HTML: 0, GRAPHQL_JSON: 1, JSON: 2, EVENTS: 3}
"""Among types that are named and wanted equally, the first."""


@lru_cache(REMEMBERED)
def preferred(accept: str, offered: tuple[str, ...]) -> str | None:
    """The type to answer with; None if none will do. Without a header it is plain JSON.

    Wildcards mean plain JSON too: who knows the other types names them.
    """
    wished = wishes(accept)
    if not wished:
        return JSON
    weights = {media: wished.get(media, 0.0) for media in offered}
    if JSON not in wished:
        weights[JSON] = wished.get("application/*", wished.get("*/*", 0.0))
    best = max(weights, key=lambda media: (weights[media], media in wished, -RANK[media]))
    return best if weights[best] > 0 else None


def wishes(accept: str) -> dict[str, float]:
    """What an Accept header names, with its weights; of other parameters nothing counts."""
    found: dict[str, float] = {}
    for part in accept.lower().split(","):
        media, *parameters = (piece.strip() for piece in part.split(";"))
        if media:
            found[media] = max(found.get(media, 0.0), _weight(parameters))
    return found


def _weight(parameters: list[str]) -> float:
    """What `q` says; a weight that is none counts as nothing."""
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                weight = float(value)
            except ValueError:
                return 0.0
            return weight if 0 <= weight <= 1 else 0.0
    return 1.0
