"""Which texts people may send: what is shown as it is stored, and read the same by everyone.

After Unicode's reports on security (UTR 36, UTS 39). Controls, the characters that turn the order of
reading round, and those that nobody sees are unfit, but for those that a script or an emoji is
written with: a zero-width joiner holds a family together and shapes Persian, Sinhala or Mongolian.

What comes along when somebody pastes, a character that nobody sees or a line end in a title, can be
tidied away without a loss. Controls and what turns the reading round cannot: nobody types them.
"""

import re

COMPLEX = "\u0590-\u1cff\ua800-\uabff\ufb1d-\ufdff\ufe70-\ufefc"
"""Scripts from Hebrew and Arabic over the Indic ones to Khmer and Mongolian."""
EMOJI = "\u2190-\u2bff\U0001f000-\U0001faff"
RIGHT_TO_LEFT = re.compile("[\u0590-\u061b\u061d-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
MARKS = re.compile("[\u200e\u200f\u061c]")
"""They tell a stop or a bracket which way the words around it run."""

FITTING = re.compile(
    f"(?<=[{COMPLEX}])[\u200b-\u200d]"  # joins letters, keeps them apart, or parts words
    f"|(?<=[{EMOJI}\ufe0f])\u200d(?=[{EMOJI}])"
    "|(?<=\U0001f3f4)[\U000e0020-\U000e007e]{1,8}\U000e007f"  # the flag of a part of a country
)
"""Characters that nobody sees, where they are at home."""

CONTROLS = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
TURNING = "\u202a-\u202e\u2066-\u2069"
UNSEEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2060-\u2065\u206a-\u206f"
    "\u3164\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e007f"
)
NO_CHARACTERS = "\ud800-\udfff\ufdd0-\ufdef" + "".join(
    chr(plane * 0x10000 + last) for plane in range(17) for last in (0xFFFE, 0xFFFF)
)
LINE_ENDS = "\t\n\r\u2028\u2029"

NEVER = re.compile(f"[{CONTROLS}{TURNING}{UNSEEN}{NO_CHARACTERS}]|\r(?!\n)")
NOT_IN_A_LINE = re.compile(f"[{CONTROLS}{TURNING}{UNSEEN}{NO_CHARACTERS}{LINE_ENDS}]")
OUT_OF_PLACE = re.compile(f"({FITTING.pattern})|[{UNSEEN}]")
OUT_OF_PLACE_BUT_MARKS = re.compile(f"({FITTING.pattern}|{MARKS.pattern})|[{UNSEEN}]")


def is_line(text: str) -> bool:
    """Whether a text is fit to be a title, a name or a code: one line of what can be seen."""
    return not NOT_IN_A_LINE.search(_without_fitting(text, NOT_IN_A_LINE))


def is_prose(text: str) -> bool:
    """Whether a text is fit to be read: as a line, and of several lines."""
    return not NEVER.search(_without_fitting(text, NEVER))


def tidy_line(text: str) -> str:
    """The same as one line, without what nobody sees where it has no place."""
    return re.sub(f"[{LINE_ENDS}]+", " ", _tidy(text)) if NOT_IN_A_LINE.search(text) else text


def tidy_prose(text: str) -> str:
    """The same without what nobody sees where it has no place; every return begins a line."""
    return re.sub("\r(?!\n)", "\n", _tidy(text)) if NEVER.search(text) else text


def _tidy(text: str) -> str:
    unplaced = OUT_OF_PLACE_BUT_MARKS if RIGHT_TO_LEFT.search(text) else OUT_OF_PLACE
    return unplaced.sub(lambda found: found[1] or "", text)


def _without_fitting(text: str, unfit: re.Pattern[str]) -> str:
    if not unfit.search(text):  # as nearly all are
        return ""
    plain = FITTING.sub("", text)
    return MARKS.sub("", plain) if RIGHT_TO_LEFT.search(plain) else plain
