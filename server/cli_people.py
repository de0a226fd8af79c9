"""`linli token`, `linli login` and `linli office`: who speaks for whom, and with what office."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, NoReturn, TypeVar

import typer

from domain.identity import OfficeKind
from server.settings import Settings

if TYPE_CHECKING:
    from db.load.copy import Owner
    from server.people import Found

T = TypeVar("T")

login = typer.Typer(no_args_is_help=True, help="Which person a subject of an identity provider is.")
office = typer.Typer(
    no_args_is_help=True, help="Offices of a place: auditors, data consumers, administrators."
)

Name = Annotated[
    str,
    typer.Option(
        "--as",
        help="A person's name; `weibin` for whoever heads the place; `weibin/姜谭路西社区` for a "
        "unit; `weibin/姜谭路西社区/ROLE` for a role of the profile there, by its code "
        "(`grid_worker`); `weibin/姜谭路西社区/resident` for a resident.",
    ),
]
Issuer = Annotated[str, typer.Option(help="The issuer, as its tokens name it (`iss`).")]
Subject = Annotated[str, typer.Option(help="The subject, as its tokens name it (`sub`).")]
Place = Annotated[str, typer.Option("--locality", help="The place, by its slug.")]
Kind = Annotated[OfficeKind, typer.Option(help="Which office.", case_sensitive=False)]


def token(name: Name) -> None:
    """Print a demo bearer token for somebody; without one, a caller is the public."""
    from server.tokens import Identity, issue, signing_key, takes_demo

    person, settings = _person(name), Settings.read()
    if not settings.demo and not takes_demo(settings.data):
        typer.echo(
            "The server does not take demo tokens: it would have to run with LINLI_DEMO=1, as "
            "`make serve` does.",
            err=True,
        )
    key = signing_key(settings.secret, settings.data)
    typer.echo(issue(key, Identity(person.locality, person.person)))


@login.command("add")
def add_login(name: Name, issuer: Issuer, subject: Subject) -> None:
    """Let a subject of an issuer speak for somebody; one that did so for another does no more."""
    from db.credential import login_digest
    from db.load.identities import put_login

    person = _person(name)
    row = person.locality, issuer, subject, login_digest(issuer, subject), person.person
    _as_owner(lambda owner: put_login(owner, *row))


@login.command("remove")
def remove_login(locality: Place, issuer: Issuer, subject: Subject) -> None:
    """Let a subject speak for nobody of a place any more, from the next request on."""
    from db.load.identities import drop_login

    if not _as_owner(lambda owner: drop_login(owner, locality, issuer, subject)):
        _fail("There is no such login.")


@login.command("list")
def list_logins(locality: Place) -> None:
    """Print a place's logins: issuer, subject, person."""
    from db.load.identities import logins

    _listed(locality, logins, "No login is known here.")


@office.command("grant")
def grant_office(name: Name, kind: Kind) -> None:
    """Give somebody an office from today on; so a place gets its first administrator. Nobody is
    auditor and administrator of one place."""
    from db.load.identities import grant

    person = _person(name)
    now = datetime.now(UTC)
    if not _as_owner(lambda owner: grant(owner, person.locality, person.person, kind, now)):
        _fail("Nobody is auditor and administrator of one place: revoke the other office first.")


@office.command("revoke")
def revoke_office(name: Name, kind: Kind) -> None:
    """Take an office away, effective at once."""
    from db.load.identities import revoke

    person = _person(name)
    if not _as_owner(lambda owner: revoke(owner, person.locality, person.person, kind)):
        _fail("They do not hold it.")


@office.command("list")
def list_offices(locality: Place) -> None:
    """Print who holds an office of a place today: office, person, since when."""
    from db.load.identities import offices

    _listed(locality, offices, "Nobody holds an office here today.")


def _person(name: str) -> "Found":
    """The one person a name stands for, told on the terminal."""
    from server.people import find

    found = asyncio.run(_with_dsn(lambda dsn: find(dsn, name)))
    if not found:
        _fail(f"Nobody is found as {name!r}.")
    for other in found[1:] and found:
        typer.echo(f"  {other.locality}: {other.name}, {other.serves}", err=True)
    if len(found) > 1:
        _fail(f"{len(found)} people are called {name!r}; name a place and unit instead.")
    person = found[0]
    typer.echo(f"{person.name}, {person.serves} ({person.locality})", err=True)
    return person


def _listed(
    locality: str, read: Callable[["Owner", str], Awaitable[list[tuple[str, ...]]]], none: str
) -> None:
    """Print what there is of a place, a line each; on the terminal, that there is none."""
    from server.people import is_place

    async def lines(owner: "Owner") -> list[tuple[str, ...]]:
        if not await is_place(owner, locality):
            _fail(f"There is no place {locality!r}.")
        return await read(owner, locality)

    found = _as_owner(lines)
    for line in found:
        typer.echo("\t".join(line))
    if not found:
        typer.echo(none, err=True)


def _as_owner(work: Callable[["Owner"], Awaitable[T]]) -> T:
    """Run something on a connection of the role that owns the database."""
    from server.dsn import connected

    async def with_dsn(dsn: str) -> T:
        connection = await connected(dsn)
        try:
            return await work(connection)
        finally:
            await connection.close()

    return asyncio.run(_with_dsn(with_dsn))


async def _with_dsn(work: Callable[[str], Awaitable[T]]) -> T:
    from db.embedded import EmbeddedError
    from server.dsn import owner_dsn

    try:
        async with owner_dsn(Settings.read()) as dsn:
            if dsn is None:
                _fail("Set MIGRATE_DATABASE_URL to the DSN of the role that owns the database.")
            return await work(dsn)
    except EmbeddedError as error:
        _fail(error.message)


def _fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(1)
