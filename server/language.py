"""Which of our languages a client would rather read."""

from functools import lru_cache

from server.accept import LONGEST, REMEMBERED

LANGUAGES = {"en": "en", "zh": "zh-Hans"}
"""What languages begin with, to their tags; the first is spoken to whoever wants none of them."""

NOT_SAID = -1.0


def negotiate(accepted: str) -> str:
    """The language of an Accept-Language header: `zh;q=0.8, en;q=0.9` is `en`.

    Among equals the one named first.
    """
    return _negotiated(accepted[:LONGEST])


@lru_cache(REMEMBERED)
def _negotiated(accepted: str) -> str:
    wishes = [_wish(part) for part in accepted.lower().split(",")]
    others = max((weight for tag, weight in wishes if tag == "*"), default=NOT_SAID)
    best, chosen = 0.0, LANGUAGES["en"]
    for name in sorted(LANGUAGES, key=lambda name: _first(name, wishes)):
        said = [weight for tag, weight in wishes if tag.partition("-")[0] == name]
        weight = max(said, default=others)
        if weight > best:
            best, chosen = weight, LANGUAGES[name]
    return chosen


def prefers_chinese(accepted: str) -> bool:
    """Whether the client would rather read Chinese than English."""
    return negotiate(accepted) == LANGUAGES["zh"]


def _first(name: str, wishes: list[tuple[str, float]]) -> int:
    named = [at for at, (tag, _) in enumerate(wishes) if tag.partition("-")[0] == name]
    return min(named, default=len(wishes))


def _wish(part: str) -> tuple[str, float]:
    """A tag and its weight; a weight that is none counts as nothing."""
    tag, _, parameter = part.partition(";")
    name, _, value = parameter.partition("=")
    if name.strip() != "q":
        return tag.strip(), 1.0
    try:
        weight = float(value)
    except ValueError:
        return tag.strip(), 0.0
    return tag.strip(), weight if 0 <= weight <= 1 else 0.0
