"""What may be recorded of a service, and how a record is corrected."""

from dataclasses import astuple, dataclass, fields
from datetime import datetime

from domain.refusal import Refusal, RefusalCode
from domain.terms import ServiceKind
from domain.ticket_check import TEXT_MAX

Code = RefusalCode


@dataclass(frozen=True, slots=True)
class Said:
    """What a record says: what was done, when, and what there is to say of it."""

    kind: ServiceKind
    at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class Visit:
    """What a home visit learnt of a household (article 001, 鑫茂: 了解居住情况、生活诉求、兴趣特长、
    问题和困难等)."""

    living_situation: str = ""
    needs: str = ""
    skills: str = ""
    difficulties: str = ""

    def empty(self) -> bool:
        """Whether it learnt nothing."""
        return not any(astuple(self))


def refuse_record(said: Said, visit: Visit | None, now: datetime) -> Refusal | None:
    """Why a record cannot be made."""
    if visit is not None and said.kind is not ServiceKind.VISIT:
        return Refusal(Code.NOT_A_VISIT, "visit")
    for part in fields(Visit) if visit else ():
        if len(getattr(visit, part.name)) > TEXT_MAX:
            return Refusal(Code.TEXT_TOO_LONG, f"visit.{part.name}", TEXT_MAX)
    return _refuse(said, now)


def refuse_correction(
    was: Said, said: Said, reason: str, *, learnt: bool, now: datetime
) -> Refusal | None:
    """Why a record cannot be corrected; `learnt`: it keeps what a visit learnt."""
    if not reason.strip():
        return Refusal(Code.REASON_REQUIRED, "reason")
    if len(reason) > TEXT_MAX:
        return Refusal(Code.TEXT_TOO_LONG, "reason", TEXT_MAX)
    if said == was:
        return Refusal(Code.NOTHING_CHANGED)
    if learnt and said.kind is not ServiceKind.VISIT:
        return Refusal(Code.NOT_A_VISIT, "kind")
    return _refuse(said, now)


def _refuse(said: Said, now: datetime) -> Refusal | None:
    if len(said.note) > TEXT_MAX:
        return Refusal(Code.TEXT_TOO_LONG, "note", TEXT_MAX)
    return Refusal(Code.AT_IN_FUTURE, "at") if said.at > now else None
