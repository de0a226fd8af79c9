"""Which duty something fulfils: one of the place's own, owed by whoever does it."""

from collections.abc import Set

from domain.profile import Duty, Profile
from domain.refusal import Refusal, RefusalCode

RECORDED = frozenset(Duty) - {Duty.MEETING, Duty.ASSESSMENT}
"""Fulfilled by service records; a meeting and an assessment are kept as what they are."""

MET = frozenset({Duty.MEETING, Duty.FEEDBACK})
"""Fulfilled by meetings: the report-back is one too (通报会)."""


def refuse_duty(profile: Profile, code: str, roles: Set[str], kinds: Set[Duty]) -> Refusal | None:
    """Why a duty cannot be claimed: the place has none such, or asks it of others."""
    for cadence in profile.cadences:
        if cadence.code == code and cadence.what in kinds:
            owed = not cadence.roles or not roles.isdisjoint(cadence.roles)
            return None if owed else Refusal(RefusalCode.CADENCE_UNKNOWN, "duty")
    return Refusal(RefusalCode.CADENCE_UNKNOWN, "duty")
