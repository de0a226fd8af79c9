"""What a meeting may be called, and when it counts as held."""

from datetime import datetime

from domain.refusal import Refusal, RefusalCode
from domain.ticket_check import TEXT_MAX, TITLE_MAX

Code = RefusalCode


def refuse_call(title: str) -> Refusal | None:
    """Why a meeting cannot be called; one that already took place may still be entered."""
    if not title.strip():
        return Refusal(Code.TITLE_REQUIRED, "title")
    if len(title) > TITLE_MAX:
        return Refusal(Code.TEXT_TOO_LONG, "title", TITLE_MAX)
    return None


def refuse_hold(
    held_at: datetime | None, minutes: str, at: datetime, now: datetime
) -> Refusal | None:
    """Why a meeting cannot be said to have been held at a moment; `held_at`: it was, already."""
    if held_at is not None:
        return Refusal(Code.MEETING_HELD, "meeting_id")
    if len(minutes) > TEXT_MAX:
        return Refusal(Code.TEXT_TOO_LONG, "minutes", TEXT_MAX)
    return Refusal(Code.AT_IN_FUTURE, "held_at") if at > now else None
