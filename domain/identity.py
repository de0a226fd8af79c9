"""Who may do what beside their posts: the offices of a place, and what a token is good for."""

import re
import zlib
from collections.abc import Collection
from datetime import timedelta

from domain.terms import Term


class OfficeKind(Term):
    """What somebody may see or do for a whole place, beside their posts."""

    AUDITOR = (
        "AUDITOR",
        "审计员",
        "Sees who looked at personal data, and why; is no administrator of the place.",
    )
    DATA_CONSUMER = (
        "DATA_CONSUMER",
        "数据使用方",
        "Reads much at once for another system, and is given more room for it.",
    )
    ADMINISTRATOR = (
        "ADMINISTRATOR",
        "管理员",
        "Sees to the place's offices and access tokens; sees no personal data by it, and is no "
        "auditor of the place.",
    )


APART = frozenset({OfficeKind.AUDITOR, OfficeKind.ADMINISTRATOR})
"""Nobody holds two of these in one place: who appoints is not who watches over the appointed."""


def excluded_by(kind: OfficeKind) -> frozenset[OfficeKind]:
    """The offices that nobody holds beside one."""
    return APART - {kind} if kind in APART else frozenset()


class TokenScope(Term):
    """What a token lets its bearer do, of what its person may."""

    READ = "READ", "读取", "Read whatever the person may see."
    WRITE = "WRITE", "办理", "Do whatever the person may do."
    ADMIN = (
        "ADMIN",
        "管理",
        "See to access tokens, and for an administrator to offices; only together with WRITE.",
    )


def usable(scopes: Collection[TokenScope]) -> bool:
    """Whether a token could do what it is given: all that ADMIN lets do is done by mutations."""
    return TokenScope.ADMIN not in scopes or TokenScope.WRITE in scopes


# An access token: linli_pat_<locality>_<32 letters and digits at random><checksum of all before>.
PREFIX = "linli_pat_"
RANDOM, CHECKSUM = 32, 6
LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
TOKEN = re.compile(f"{PREFIX}([a-z][a-z0-9_]{{1,31}})_[0-9A-Za-z]{{{RANDOM + CHECKSUM}}}")

LONGEST_LIFE = timedelta(days=366)
MOST_TOKENS = 50
"""Of one person, in use at the same time."""


def access_token(locality: str, random: str) -> str:
    """The text of an access token with those letters at random."""
    body = f"{PREFIX}{locality}_{random}"
    return body + _checksum(body)


def locality_of(token: str) -> str | None:
    """The place that an access token says it is of; None if it was mistyped or made up."""
    match = TOKEN.fullmatch(token)
    if match is None or _checksum(token[:-CHECKSUM]) != token[-CHECKSUM:]:
        return None
    return match[1]


def _checksum(text: str) -> str:
    """CRC-32 in base 62: whoever scans for leaked tokens tells them from noise by it."""
    rest, digits = zlib.crc32(text.encode()), ""
    for _ in range(CHECKSUM):
        rest, digit = divmod(rest, len(LETTERS))
        digits = LETTERS[digit] + digits
    return digits
