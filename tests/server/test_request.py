"""JSON as it is read: each name once, however quickly that is seen."""

import json
from typing import Any

import pytest
from hypothesis import example, given, strategies as st

from server.body import Refused
from server.request import read_json

TEXTS = st.text(alphabet='ab:",\\{}\u00e9', max_size=4)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.lists(st.tuples(TEXTS, inner), max_size=3),
    max_leaves=12,
)
"""Values of JSON; an object is a list of pairs, whose names may repeat."""


class Twice(Exception):
    """A name stands twice in one object."""


def written(value: Any, *, escaped: bool) -> str:
    """The text of a value, and all its names as they are given."""
    if isinstance(value, list):
        parts: list[Any] = value
        if parts and all(isinstance(each, tuple) for each in parts):
            pairs = (
                f"{written(n, escaped=escaped)} : {written(v, escaped=escaped)}" for n, v in parts
            )
            return "{" + ",".join(pairs) + "}"
        return "[" + ",".join(written(each, escaped=escaped) for each in parts) + "]"
    text = json.dumps(value, ensure_ascii=escaped)
    return text.replace(":", "\\u003a") if escaped and isinstance(value, str) else text


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise Twice
    return dict(pairs)


@given(VALUES, st.booleans())
@example([("a", 1), ("a", 2)], False)
@example([("a", ":"), ("a", 2)], True)
@example([("a", [("b", 1), ("b", ":")])], True)
def test_a_name_that_stands_twice_is_always_seen(value: Any, escaped: bool) -> None:
    text = written(value, escaped=escaped)
    try:
        expected = json.loads(text, object_pairs_hook=once)
    except Twice:
        with pytest.raises(Refused):
            read_json(text.encode())
    else:
        assert read_json(text.encode()) == expected


def test_what_is_too_deep_to_be_written_anew_is_read_all_the_same() -> None:
    deep = b"[" * 300 + b"]" * 300
    assert read_json(deep) == json.loads(deep)
    with pytest.raises(Refused):
        read_json(b"[" * 300 + b'{"a":1,"a":2}' + b"]" * 300)
