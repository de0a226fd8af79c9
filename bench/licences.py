"""`python -m bench.licences [LOCK]`: under which licence each locked package says that it is."""

import re
import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

PIN = re.compile(r"^([a-z0-9-]+)==(\S+)", re.M)
CLASSIFIED = "License :: OSI Approved :: "


def licence(package: Distribution) -> str:
    """What a package says of itself: as an expression, by classifiers, or in its own words."""
    said: Any = package.metadata  # a message, whose stubs leave out `get`
    if expression := said.get("License-Expression"):
        return expression
    classified = [each for each in said.get_all("Classifier") or () if each.startswith(CLASSIFIED)]
    if classified:
        return ", ".join(each.removeprefix(CLASSIFIED) for each in classified)
    return (said.get("License") or "not said").strip().splitlines()[0]


def licences(lock: Path) -> dict[str, str]:
    """By package; those for other systems are not installed here."""
    found: dict[str, str] = {}
    for name, _ in PIN.findall(lock.read_text()):
        try:
            found[name] = licence(distribution(name))
        except PackageNotFoundError:
            found[name] = "not installed here"
    return found


if __name__ == "__main__":
    asked = Path(sys.argv[1] if len(sys.argv) > 1 else "requirements.lock")
    for package, text in licences(asked).items():
        print(f"{package:28} {text}")
