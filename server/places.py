"""The files of `localities/`: reading them, and loading every place they describe."""

import tomllib
from importlib.resources import as_file, files
from pathlib import Path
from typing import TypeAlias

import asyncpg

from db.load.divisions import load_divisions
from db.load.place import load_place
from domain.demo import Demo
from domain.demo_parse import parse_demo
from domain.profile import Problem, Profile, ProfileError
from domain.profile_parse import parse_profile
from server.dsn import connected
from server.progress import bar

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

FOLDER = files("localities")
NOT_PLACES = {"names.toml", "boston.toml", "incidents.toml", "simulated.toml"}
"""Shared names, and profiles of places whose data is loaded by commands of their own."""


def read_place(file: Path) -> tuple[Profile, Demo | None]:
    """A profile and its demo data; a ProfileError with every problem if either is wrong."""
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ProfileError((Problem(str(file), "", f"not TOML in UTF-8: {error}"),)) from error
    profile = parse_profile(data, str(file))
    return profile, parse_demo(data, profile, str(file))


def shipped(name: str) -> Profile:
    """A profile that comes with Linli, by file name."""
    with as_file(FOLDER / name) as file:
        return read_place(file)[0]


def shipped_places() -> list[Path]:
    """The files of the places loaded at first start."""
    with as_file(FOLDER) as folder:
        return sorted(file for file in folder.glob("*.toml") if file.name not in NOT_PLACES)


async def load_places(owner_dsn: str) -> None:
    """Load the divisions and places that are new, with a progress bar if there are any."""
    places = [read_place(file) for file in shipped_places()]
    connection = await connected(owner_dsn)
    try:
        known = {row["id"] for row in await connection.fetch("SELECT id FROM locality")}
        new = [place for place in places if place[0].slug not in known]
        if not await connection.fetchval("SELECT EXISTS (SELECT FROM division)"):
            with as_file(FOLDER / "divisions.csv") as divisions:
                await load_divisions(connection, divisions, lambda _rows: None)
        for profile, demo in (place for place in places if place not in new):
            await _load(connection, profile, demo)
        if new:
            with bar("Loading places", len(new)) as done:
                for at, (profile, demo) in enumerate(new, 1):
                    await _load(connection, profile, demo)
                    done(at)
    finally:
        await connection.close()


async def _load(connection: Connection, profile: Profile, demo: Demo | None) -> None:
    now = await connection.fetchval("SELECT now()")
    await load_place(connection, profile, demo, now, lambda _rows: None)
