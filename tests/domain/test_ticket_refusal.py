"""What a ticket's commands must bring with them, and the code each lack is refused with."""

import re
from dataclasses import replace
from datetime import timedelta
from string import Formatter

import pytest

from domain.terms import TicketStatus, TicketVerb, Verdict
from domain.ticket import Decision, Refusal, RefusalCode, Target, decide, report
from domain.ticket_check import NEED_REASON_OR_RULE
from tests.domain.ticket_samples import CELLS, DUE, HERE, NEW, NOW, UP, command, refused, ticket

NEED_REASON = """
REJECT DISPUTE RULE ESCALATE RETURN JOIN TABLE DELIBERATE EXTEND EXPLAIN RESOLVE REWORK REOPEN
"""


@pytest.mark.parametrize(("status", "verb"), list(CELLS))
def test_who_must_say_why(status, verb):
    answer = decide(ticket(TicketStatus(status)), command(TicketVerb(verb), reason="  "), NOW)
    needed = verb in NEED_REASON.split() or (
        verb == "RESUME" and status in ("TABLED", "DELIBERATING")
    )
    assert isinstance(answer, Refusal) == needed
    if needed:
        settles = verb in ("RESOLVE", "RESUME")
        code = RefusalCode.RESOLUTION_REQUIRED if settles else RefusalCode.REASON_REQUIRED
        assert answer == Refusal(code, "reason")


@pytest.mark.parametrize("verdict", [None, *Verdict])
def test_only_a_contested_end_needs_a_reason(verdict):
    asked = ticket(TicketStatus.FOLLOWED_UP, verdict=verdict)
    # What the command says of the resident changes nothing: the ticket knows it.
    said = command(TicketVerb.CLOSE, verdict=Verdict.SATISFIED, reason=" ")
    answer = decide(asked, said, NOW)
    contested = Refusal(RefusalCode.REASON_REQUIRED, "reason")
    assert (answer == contested) == (verdict is Verdict.DISSATISFIED)
    assert isinstance(decide(asked, replace(said, reason="条件所限"), NOW), Decision)


@pytest.mark.parametrize("verb", NEED_REASON_OR_RULE)
def test_the_clock_may_point_to_its_rule_in_place_of_words(verb):
    said = command(verb, reason="", rule="grid_hard")
    assert isinstance(decide(ticket(), said, NOW), Decision)


PAST, SOON = NOW - timedelta(hours=1), NOW + timedelta(hours=1)
REFUSED = [
    ("IN_PROGRESS", "ESCALATE", {"to": None}, "NO_HIGHER_LEVEL"),
    ("IN_PROGRESS", "ESCALATE", {"to": Target(HERE, "grid")}, "SAME_UNIT"),
    ("IN_PROGRESS", "RETURN", {"to": None}, "UNIT_REQUIRED"),
    ("IN_PROGRESS", "RETURN", {"to": Target(HERE, "grid")}, "SAME_UNIT"),
    ("ACCEPTED", "DISPATCH", {"to": None}, "UNIT_REQUIRED"),
    ("ACCEPTED", "DISPATCH", {"to": replace(UP, closed=True)}, "UNIT_CLOSED"),
    ("ACCEPTED", "JOIN", {"joined": (replace(UP, closed=True),)}, "UNIT_CLOSED"),
    ("ACCEPTED", "RESOLVE", {"reason": "长" * 4001}, "TEXT_TOO_LONG"),
    ("IN_PROGRESS", "EXTEND", {"due_at": None}, "DUE_REQUIRED"),
    ("IN_PROGRESS", "EXTEND", {"due_at": PAST}, "DUE_IN_PAST"),
    ("IN_PROGRESS", "EXTEND", {"due_at": SOON}, "DUE_NOT_LATER"),
    ("IN_PROGRESS", "EXTEND", {"due_at": DUE}, "DUE_NOT_LATER"),
    ("IN_PROGRESS", "JOIN", {"to": replace(UP, closed=True)}, "UNIT_CLOSED"),
    ("DISPUTED", "RULE", {"to": replace(UP, closed=True)}, "UNIT_CLOSED"),
    ("VERIFIED", "FOLLOW_UP", {"verdict": None}, "VERDICT_REQUIRED"),
    ("EXPLAINED", "FOLLOW_UP", {"verdict": None}, "VERDICT_REQUIRED"),
    ("REPORTED", "REJECT", {"expected_hop": 4}, "VERSION_CONFLICT"),
    ("REPORTED", "MERGE", {"into": None}, "TARGET_REQUIRED"),
    ("REPORTED", "MERGE", {"into": ticket().id}, "TARGET_REQUIRED"),
    ("IN_PROGRESS", "ESCALATE", {"expected_hop": 2}, "VERSION_CONFLICT"),
]


@pytest.mark.parametrize(("status", "verb", "changes", "code"), REFUSED)
def test_refusals(status, verb, changes, code):
    said = command(TicketVerb(verb), **changes)
    assert refused(decide(ticket(TicketStatus(status)), said, NOW)) == code


def test_a_stale_command_is_told_so_before_anything_else():
    """Whoever looked at an earlier hop must not be told about a status never seen."""
    for status in TicketStatus:
        said = command(TicketVerb.ACCEPT, reason="长" * 4001, expected_hop=2)
        assert refused(decide(ticket(status), said, NOW)) == "VERSION_CONFLICT"


@pytest.mark.parametrize(("status", "verb"), list(CELLS))
def test_texts_may_be_as_long_as_said_and_no_longer(status, verb):
    there = ticket(TicketStatus(status))
    longest = command(TicketVerb(verb), reason="长" * 4000)
    assert isinstance(decide(there, longest, NOW), Decision)
    longer = command(TicketVerb(verb), reason="长" * 4001)
    assert decide(there, longer, NOW) == Refusal(RefusalCode.TEXT_TOO_LONG, "reason", 4000)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"to": None}, "UNIT_REQUIRED"),
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
        assert re.search("[一-鿿]", code.zh)
        assert code.meaning.endswith(".")
        assert left_open(code.zh) == left_open(code.meaning)
        assert left_open(code.zh) <= {"limit", "status"}


def left_open(message):
    """What a message leaves to the refusal to say."""
    return {name for _, name, _, _ in Formatter().parse(message) if name is not None}


def test_a_refusal_says_how_much_and_where_it_stands():
    long = Refusal(RefusalCode.TEXT_TOO_LONG, "title", 200)
    assert long.said(chinese=False) == "Shorten the text to at most 200 characters."
    assert long.said(chinese=True) == "请缩短至 200 字以内"
    stands = Refusal(RefusalCode.NOT_ALLOWED_FROM_STATUS, status=TicketStatus.CLOSED)
    assert "while it is CLOSED;" in stands.said(chinese=False)
    assert "“结案”" in stands.said(chinese=True)
