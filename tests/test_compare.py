"""The comparison of `make bench` takes answers for the same when only their form differs."""

from typing import Any

from bench.compare_answers import difference, root

OURS: dict[str, Any] = {
    "ticket": {
        "id": "ticket_simulated_0176bb3e",
        "createdAt": "2026-11-22T15:38:30.5+00:00",
        "orgUnit": {"name": "5单元", "ancestors": [{"name": "街道"}]},
        "nextHop": {"route": "UP", "rule": None, "dueAt": None, "toUnit": {"name": "网格"}},
        "serviceRecords": {"nodes": [{"kind": "VISIT"}]},
    }
}


def theirs(**other: Any) -> dict[str, Any]:
    """The same as a peer gives it, but for what a case says."""
    hop = {"nextRoute": "UP", "nextRule": None, "nextDueAt": None, "nextUnit": {"name": "网格"}}
    told = {
        "serviceRecords": [{"kind": "VISIT"}],
        "orgUnit": {"ancestors": [{"name": "街道"}], "name": "5单元"},
        "createdAt": "2026-11-22 23:38:30.500000+08:00",
        "id": "0176bb3e",
    }
    return {"ticket": [{**told, **hop, **other}]}


def test_another_form_is_the_same_answer() -> None:
    assert difference(root(OURS, ()), root(theirs(), ())) is None


def test_another_content_is_not() -> None:
    for other in (
        {"id": "0176bb3f"},
        {"createdAt": "2026-11-22T15:38:31+00:00"},
        {"nextRoute": "DOWN"},
        {"serviceRecords": []},
        {"orgUnit": {"name": "5单元"}},
        {"more": 1},
    ):
        assert difference(root(OURS, ()), root(theirs(**other), ())), other


def test_what_a_peer_lacks_is_left_out_of_both() -> None:
    less = theirs(orgUnit={"name": "5单元"})
    assert difference(root(OURS, ("ancestors",)), root(less, ("ancestors",))) is None
