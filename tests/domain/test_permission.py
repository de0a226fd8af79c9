"""Who may use which verb: the ties to a ticket, and what each opens."""

import pytest

from domain.permission import WHO, Tie, may, may_act, ties
from domain.terms import TicketVerb

TOP, STREET, GRID, SIBLING = "0001", "00010002", "000100020003", "000100020004"
HELD = "000100020003"

HANDLER, ABOVE, REPORTER, PLACE = Tie.HANDLER, Tie.ABOVE, Tie.REPORTER, Tie.PLACE


@pytest.mark.parametrize(
    ("serves", "top", "reporter", "expected"),
    [
        ([], False, False, set()),
        ([], False, True, {REPORTER}),
        ([], True, False, set()),
        ([GRID], False, False, {HANDLER}),
        ([GRID], True, False, {HANDLER, ABOVE}),
        ([STREET], False, False, {HANDLER, ABOVE}),
        ([TOP], False, True, {HANDLER, ABOVE, REPORTER}),
        ([GRID, STREET], False, False, {HANDLER, ABOVE}),
        ([SIBLING], False, False, set()),
        ([HELD + "0001"], False, False, set()),
        ([SIBLING, GRID], False, True, {HANDLER, REPORTER}),
    ],
)
def test_how_somebody_is_tied_to_a_ticket(serves, top, reporter, expected):
    assert ties(HELD, serves, top=top, reporter=reporter) == expected


def test_where_the_need_arose_is_a_tie_of_its_own():
    assert ties(HELD, [SIBLING], top=False, reporter=False, place=True) == {PLACE}
    assert PLACE not in ties(HELD, [GRID], top=False, reporter=False)


def test_a_unit_below_or_beside_may_not_act_for_it():
    assert may_act(HELD, [GRID])
    assert may_act(HELD, [SIBLING, TOP])
    assert not may_act(HELD, [SIBLING, HELD + "0001"])
    assert not may_act(HELD, [])


# By hand, against the table: everybody's verbs, one tie at a time.
BY_REPORTER = {"WITHDRAW", "FOLLOW_UP", "REOPEN"}
BY_ABOVE = {"RULE"}
BY_PLACE = {"VERIFY", "FOLLOW_UP", "REOPEN", "CLOSE"}


@pytest.mark.parametrize("verb", [verb for verb in TicketVerb if verb is not TicketVerb.REPORT])
def test_whose_verb_it_is(verb):
    assert may(verb, frozenset({REPORTER})) == (verb in BY_REPORTER)
    assert may(verb, frozenset({ABOVE})) == (verb in BY_ABOVE)
    assert may(verb, frozenset({PLACE})) == (verb in BY_PLACE)
    assert may(verb, frozenset({HANDLER})) == (verb not in {"RULE", "WITHDRAW"})
    assert not may(verb, frozenset())


def test_every_verb_but_the_report_is_somebody_s():
    assert set(WHO) == set(TicketVerb) - {TicketVerb.REPORT}
    assert all(WHO.values())


def test_whoever_handles_a_disputed_ticket_does_not_rule_on_it():
    unit_itself = ties(HELD, [GRID], top=False, reporter=True)
    assert not may(TicketVerb.RULE, unit_itself)
    assert may(TicketVerb.RULE, ties(HELD, [STREET], top=False, reporter=False))
    assert may(TicketVerb.RULE, ties(TOP, [TOP], top=True, reporter=False))
