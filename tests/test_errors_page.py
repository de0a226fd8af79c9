"""docs/errors.md: every code that a client may meet, and no other."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from server.errors import OWN_STATUS, SAID
from server.photo import Fault

ROOT = Path(__file__).parents[1]
CODE = re.compile(r"[A-Z]+(_[A-Z]+)*")
RAISING = {"InputError", "Refused", "coded", "_at_most"}
"""What makes an error of the code that it is given."""
ROW = re.compile(r"^\| `([A-Z_]+)` \|(?: (\d+) \|)?", re.M)


def told() -> dict[str, str]:
    return dict(ROW.findall((ROOT / "docs" / "errors.md").read_text()))


def written() -> Iterator[str]:
    """The codes that stand in the code."""
    for layer in ("compiler", "resolvers", "server"):
        for file in sorted((ROOT / layer).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text())):
                match node:
                    case ast.Call(func=ast.Name(name), args=given) if name in RAISING:
                        yield from codes(given)
                    case ast.Call(func=ast.Attribute(attr="demand"), args=given):
                        yield from codes(given)
                    case ast.Dict(keys=keys, values=values):
                        pairs = zip(keys, values, strict=True)
                        yield from codes([v for k, v in pairs if k and ast.unparse(k) == "'code'"])
                    case _:
                        pass


def codes(given: list[ast.expr]) -> Iterator[str]:
    for each in given:
        match each:
            case ast.Constant(str(text)) if CODE.fullmatch(text):
                yield text
            case _:
                pass


def test_each_code_is_told_of_and_no_other() -> None:
    faults = {each.value[0] for each in Fault}
    assert set(told()) == {*written(), *SAID, *faults}


def test_each_status_is_the_one_that_is_told() -> None:
    page = told()
    ours = {code: str(OWN_STATUS.get(code, 503)) for code in SAID}
    faults = {each.value[0]: str(each.value[1]) for each in Fault}
    assert {code: page[code] for code in ours | faults} == ours | faults
