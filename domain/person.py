"""What may be kept of a person, as they say it themselves; and when they are to be forgotten."""

import re
from collections.abc import Mapping
from datetime import datetime, tzinfo

from domain.deadline import HOURS_A_DAY, add_hours
from domain.refusal import Refusal, RefusalCode as Code
from domain.ticket_check import TEXT_MAX

NAME_MAX = 100
ADDRESS_MAX = 200
PHONE = re.compile(r"\+?[0-9][0-9 -]{3,22}[0-9]")
ERASED_NAME = "已注销"
"""What stands in the place of the name of somebody who was forgotten."""

ERASURE_DAYS = 15
"""Working days within which a request is answered."""


def refuse_correction(said: Mapping[str, str], *, serves: bool) -> Refusal | None:
    """Why a person cannot have something said of them; `serves`: they hold or cover a post."""
    for name, text in said.items():
        if refusal := _refuse(name, text):
            return refusal
    # The name of somebody who serves stands on a public board: it is not theirs alone to change.
    return Refusal(Code.FORBIDDEN, "name") if serves and "name" in said else None


def _refuse(name: str, text: str) -> Refusal | None:
    longest = {"name": NAME_MAX, "address": ADDRESS_MAX}.get(name, TEXT_MAX)
    if len(text) > longest:
        return Refusal(Code.TEXT_TOO_LONG, name, longest)
    # The name of whoever was forgotten is nobody's: by it they are known.
    if name == "name" and text in ("", ERASED_NAME):
        return Refusal(Code.NAME_REQUIRED, name)
    if name == "phone" and text and not PHONE.fullmatch(text):
        return Refusal(Code.PHONE_MALFORMED, name)
    return None


def erasure_due(requested: datetime, tz: tzinfo) -> datetime:
    """When a request to be forgotten has to be carried out."""
    return add_hours(requested, ERASURE_DAYS * HOURS_A_DAY, True, tz)
