"""The files of `localities/` that loaders read themselves."""

import tomllib
from importlib.resources import files

from domain.demo import Names
from domain.demo_parse import parse_names
from domain.profile import Profile
from domain.profile_parse import parse_profile


def names() -> Names:
    """The parts that fictional names are made of."""
    return parse_names(_tables("names.toml"), "names.toml")


def simulated_profile() -> Profile:
    """The profile of the simulated place."""
    return parse_profile(_tables("simulated.toml"), "simulated.toml")


def _tables(name: str) -> dict[str, object]:
    return tomllib.loads(files("localities").joinpath(name).read_text(encoding="utf-8"))
