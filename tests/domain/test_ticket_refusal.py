"""What a ticket's commands must bring with them, and the code each lack is refused with."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.terms import TicketStatus, TicketVerb, Verdict
from domain.ticket import Refusal, RefusalCode, Target, decide, report
from tests.domain.ticket_samples import CELLS, HERE, NEW, NOW, UP, command, refused, ticket

NEED_REASON = (
    "REJECT DISPUTE RULE ESCALATE RETURN JOIN TABLE DELIBERATE EXTEND EXPLAIN REWORK REOPEN"
)


@pytest.mark.parametrize(("status", "verb"), list(CELLS))
def test_who_must_say_why(status, verb):
    answer = decide(ticket(TicketStatus(status)), command(TicketVerb(verb), reason="  "), NOW)
    needed = verb in NEED_REASON.split() or (
        verb == "RESUME" and status in ("TABLED", "DELIBERATING")
    )
    assert isinstance(answer, Refusal) == needed
    if needed:
        assert answer == Refusal(RefusalCode.REASON_REQUIRED, "reason")


def test_a_contested_end_needs_a_reason():
    said = command(TicketVerb.CLOSE, verdict=Verdict.DISSATISFIED, reason="")
    assert refused(decide(ticket(TicketStatus.RESOLVED), said, NOW)) == "REASON_REQUIRED"
    asked = ticket(TicketStatus.FOLLOWED_UP, verdict=Verdict.DISSATISFIED)
    glossed = replace(said, verdict=Verdict.SATISFIED)
    assert refused(decide(asked, glossed, NOW)) == "REASON_REQUIRED"


PAST, SOON = NOW - timedelta(hours=1), NOW + timedelta(hours=1)
REFUSED = [
    ("IN_PROGRESS", "ESCALATE", {"to": None}, "NO_HIGHER_LEVEL"),
    ("IN_PROGRESS", "ESCALATE", {"to": Target(HERE, "grid")}, "SAME_UNIT"),
    ("IN_PROGRESS", "RETURN", {"to": None}, "UNIT_UNKNOWN"),
    ("IN_PROGRESS", "RETURN", {"to": Target(HERE, "grid")}, "SAME_UNIT"),
    ("ACCEPTED", "DISPATCH", {"to": None}, "UNIT_UNKNOWN"),
    ("ACCEPTED", "DISPATCH", {"to": replace(UP, closed=True)}, "UNIT_CLOSED"),
    ("ACCEPTED", "JOIN", {"joined": (replace(UP, closed=True),)}, "UNIT_CLOSED"),
    ("ACCEPTED", "RESOLVE", {"reason": "长" * 4001}, "TEXT_TOO_LONG"),
    ("IN_PROGRESS", "EXTEND", {"due_at": None}, "DUE_REQUIRED"),
    ("IN_PROGRESS", "EXTEND", {"due_at": PAST}, "DUE_IN_PAST"),
    ("IN_PROGRESS", "EXTEND", {"due_at": SOON}, "DUE_NOT_LATER"),
    ("RESOLVED", "CLOSE", {"verdict": None}, "VERDICT_REQUIRED"),
    ("VERIFIED", "FOLLOW_UP", {"verdict": None}, "VERDICT_REQUIRED"),
    ("REPORTED", "MERGE", {"into": None}, "TARGET_REQUIRED"),
    ("REPORTED", "MERGE", {"into": ticket().id}, "TARGET_REQUIRED"),
    ("IN_PROGRESS", "ESCALATE", {"expected_hop": 2}, "VERSION_CONFLICT"),
]


@pytest.mark.parametrize(("status", "verb", "changes", "code"), REFUSED)
def test_refusals(status, verb, changes, code):
    said = command(TicketVerb(verb), **changes)
    assert refused(decide(ticket(TicketStatus(status)), said, NOW)) == code


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"to": None}, "UNIT_UNKNOWN"),
        ({"to": Target(HERE, "grid", closed=True)}, "UNIT_CLOSED"),
        ({"title": " "}, "TITLE_REQUIRED"),
        ({"title": "长" * 201}, "TEXT_TOO_LONG"),
        ({"text": "长" * 4001}, "TEXT_TOO_LONG"),
        ({"due_at": NOW}, "DUE_IN_PAST"),
    ],
)
def test_a_report_that_cannot_be_taken(changes, code):
    assert refused(report(replace(NEW, **changes), NOW)) == code


def test_every_refusal_speaks_both_languages():
    for code in RefusalCode:
        assert code.zh
        assert code.meaning.endswith(".")
