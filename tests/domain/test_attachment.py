"""Who may attach photographs to a ticket."""

import pytest

from domain.attachment import may_attach

PLACE, HANDLER, CALLED = "000000010002", "00000003", ("0000", "00000005")


@pytest.mark.parametrize(
    ("serves", "reporter", "expected"),
    [
        ((), False, False),
        ((), True, True),
        (("000000010002",), False, True),
        (("00000001",), False, True),
        (("00000003",), False, True),
        (("00000005",), False, True),
        (("000000010003",), False, False),
        (("0000000100020001",), False, False),
        (("000000030001", "00000004"), False, False),
    ],
)
def test_whoever_is_involved_may(serves: tuple[str, ...], reporter: bool, expected: bool) -> None:
    found = may_attach(PLACE, HANDLER, CALLED, serves, reporter=reporter)
    assert found is expected
