"""`linli audit`: the chain of disclosures of personal data, anchored and verified."""

import asyncio
from collections.abc import Awaitable, Callable, Sized
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from server.settings import Settings

if TYPE_CHECKING:
    from db.disclosure_chain import Owner
    from domain.audit import Anchor

T = TypeVar("T")

OWNER = "MIGRATE_DATABASE_URL to the DSN of the role that owns the database"

audit = typer.Typer(
    no_args_is_help=True, help="Who read personal data: anchor the record of it, and verify it."
)


@audit.command()
def anchor(
    locality: Annotated[str | None, typer.Option(help="One place, by its slug.")] = None,
) -> None:
    """Print how far each place's chain reaches, a line of JSON each, to be kept elsewhere."""
    from db.disclosure_chain import heads
    from server.people import is_place

    async def found(connection: "Owner") -> "list[Anchor]":
        if locality is not None and not await is_place(connection, locality):
            typer.echo(f"There is no place {locality!r}.", err=True)
            raise typer.Exit(1)
        return await heads(connection, locality)

    key = Settings.read().signing
    anchors = asyncio.run(_as_owner(found))
    for each in anchors:
        typer.echo(each.line(key))
    _tell_if_none(anchors)


@audit.command()
def verify(
    anchors: Annotated[
        Path | None,
        typer.Option("--anchor", exists=True, dir_okay=False, help="Anchors kept elsewhere."),
    ] = None,
) -> None:
    """Recompute every chain; tell what was changed, removed or moved, and end with 1 if any was.

    Without anchors nobody can tell a chain that was cut short, or sealed anew, along with its head.
    """
    from db.disclosure_chain import verify as recompute

    known = [] if anchors is None else _read(anchors)
    checks = asyncio.run(_as_owner(lambda connection: recompute(connection, known)))
    _tell_if_none(checks)
    for check in checks:
        held = "anchored" if check.anchors else "not anchored"
        typer.echo(f"{check.locality}: {check.rows} rows up to {check.sequence}, {held}")
    for problem in (problem for check in checks for problem in check.problems):
        typer.echo(problem, err=True)
    if any(check.problems for check in checks):
        raise typer.Exit(1)


def _tell_if_none(chains: Sized) -> None:
    """Say so on the terminal where there is no chain: silence may mean anything."""
    if not len(chains):
        typer.echo("No chain is there yet: nothing has been disclosed.", err=True)


def _read(file: Path) -> list["Anchor"]:
    from domain.audit import AnchorError, read_anchor

    key = Settings.read().signing
    found: list[Anchor] = []
    for number, line in enumerate(file.read_text(errors="replace").splitlines(), 1):
        try:
            found.append(read_anchor(line, key))
        except AnchorError as error:
            typer.echo(f"{file}:{number}: {error}", err=True)
            raise typer.Exit(1) from None
    if not found:
        typer.echo(f"{file}: no anchor is in it", err=True)
        raise typer.Exit(1)
    return found


async def _as_owner(work: Callable[["Owner"], Awaitable[T]]) -> T:
    from db.disclosure_chain import veiled
    from db.embedded import EmbeddedError
    from server.dsn import connected, owner_dsn

    try:
        async with owner_dsn(Settings.read()) as dsn:
            if dsn is None:
                raise EmbeddedError(f"Set {OWNER}.")
            connection = await connected(dsn)
            try:
                # Whoever sees no row would be told that there is none.
                if await veiled(connection):
                    raise EmbeddedError(
                        f"Row security hides the record from this role: set {OWNER}."
                    )
                return await work(connection)
            finally:
                await connection.close()
    except EmbeddedError as error:
        typer.echo(error.message, err=True)
        raise typer.Exit(1) from None
