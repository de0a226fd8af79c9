"""Which texts people may send."""

import re
import unicodedata
from typing import Any

import pytest
from hypothesis import given, strategies as st

from domain.text import (
    CONTROLS,
    NO_CHARACTERS,
    TURNING,
    is_line,
    is_prose,
    tidy_line,
    tidy_prose,
)

HOSTILE = re.compile(f"[{CONTROLS}{TURNING}{NO_CHARACTERS}]")

FIT = {
    "Chinese": "花坛需要整理",
    "a rare name": "𠮷田、葛\U000e0100、\ue863",
    "quotes and SQL": "'; DROP TABLE ticket; --",
    "a family": "👨‍👩‍👧‍👦",
    "a heart on fire": "❤️‍🔥",
    "a doctor": "👩🏽‍⚕️",
    "the flag of England": "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "Persian": "می\u200cخواهم",
    "Sinhala": "ක\u0dca\u200dෂ",
    "Mongolian": "ᠮᠣᠩᠭᠣᠯ\u180bᠣ",
    "Khmer": "ភាសា\u200bខ្មែរ",
    "Hebrew with a mark": "שלום C++\u200e!",
    "accents apart": "e\u0301" * 50,
}
LINES = {"line end": "a\nb", "Windows": "a\r\nb", "tab": "a\tb", "separators": "a\u2028b\u2029c"}
UNFIT = {
    "half a pair": "\ud800",
    "a joiner in Latin": "a\u200db",
    "a joiner in Chinese": "中\u200c文",
    "a joiner at the end": "👨\u200d",
    "two joiners": "👨\u200d\u200d👩",
    "a mark in Latin": "abc\u200e",
    "a lone return": "a\rb",
    "tags after another flag": "🏁\U000e0067\U000e007f",
    "filler": "\u3164",
}


@pytest.mark.trust(34)
def test_what_people_write_is_taken() -> None:
    for name, text in FIT.items():
        assert is_line(text), name
        assert is_prose(text), name
    for name, text in LINES.items():
        assert not is_line(text), name
        assert is_prose(text), name


@pytest.mark.trust(34)
def test_what_hides_or_turns_is_refused() -> None:
    for name, text in UNFIT.items():
        assert not is_line(text), name
        assert not is_prose(text), name


@pytest.mark.trust(34)
def test_every_control_and_format_character_alone(
    record_property: Any,
) -> None:
    """Of all of Unicode: controls, formats, halves of pairs and what is no character."""
    refused = 0
    for number in range(0x110000):
        letter = chr(number)
        kind = unicodedata.category(letter)
        hostile = kind in ("Cc", "Cf", "Cs") or number & 0xFFFE == 0xFFFE
        # Formats that stand before digits or letters of their script are seen.
        if hostile and letter not in "\t\n" and kind != "Cf":
            assert not is_prose(letter), hex(number)
            refused += 1
        if kind == "Cf" and not shows(number):
            assert not is_line(letter), hex(number)
            refused += 1
    assert refused > 2_280
    record_property("figure", f"{refused:,} characters refused")


def shows(number: int) -> bool:
    """Format characters that show: signs of Arabic, Syriac, Kaithi and hieroglyphs."""
    return (
        0x600 <= number <= 0x605
        or number in (0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD)
        or 0x13430 <= number <= 0x1343F
    )


PASTED = {
    "abc\u200b": "abc",
    "\ufeffabc": "abc",
    "a\u00adb\u2060c": "abc",
    "a\u200eb": "ab",
    "\u3164": "",
    "hidden\U000e0068\U000e0069": "hidden",
    "👨\u200d": "👨",
    "می\u200cخو\u00adاهم": "می\u200cخواهم",
    "שלום C++\u200e!\u200b": "שלום C++\u200e!",
}


@pytest.mark.trust(34)
def test_what_came_along_when_pasting_is_tidied_away() -> None:
    for text, tidy in PASTED.items():
        assert (tidy_line(text), tidy_prose(text)) == (tidy, tidy)
    assert tidy_line("a\r\nb\tc\u2028d") == "a b c d"
    assert tidy_prose("a\rb\r\nc\td\u200b") == "a\nb\r\nc\td"


LETTERS = st.sampled_from(
    "aא中ක👨👩🏴\ufe0f\u200b\u200c\u200d\u200e\u00ad\ufeff\U000e0067\U000e007f\t\n\r\u2028"
)


@given(st.text(LETTERS, max_size=12) | st.text())
def test_tidy_is_fit_and_what_is_fit_stays_as_it_is(text: str) -> None:
    for fit, tidy in ((is_line, tidy_line), (is_prose, tidy_prose)):
        assert fit(tidy(text)) is not bool(HOSTILE.search(text))
        assert not fit(text) or tidy(text) == text
        assert tidy(tidy(text)) == tidy(text)
