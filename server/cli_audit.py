"""`linli audit`: the chain of disclosures of personal data, anchored and verified."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from server.settings import Settings

if TYPE_CHECKING:
    from db.disclosure_chain import Owner
    from domain.audit import Anchor

T = TypeVar("T")

audit = typer.Typer(
    no_args_is_help=True, help="Who read personal data: anchor the record of it, and verify it."
)


@audit.command()
def anchor(
    locality: Annotated[str | None, typer.Option(help="One place, by its slug.")] = None,
) -> None:
    """Print how far each place's chain reaches, a line of JSON each, to be kept elsewhere."""
    from db.disclosure_chain import heads

    key = Settings.read().signing
    for each in asyncio.run(_as_owner(lambda connection: heads(connection, locality))):
        typer.echo(each.line(key))


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
    for check in checks:
        held = "anchored" if check.anchors else "not anchored"
        typer.echo(f"{check.locality}: {check.rows} rows up to {check.sequence}, {held}")
    for problem in (problem for check in checks for problem in check.problems):
        typer.echo(problem, err=True)
    if any(check.problems for check in checks):
        raise typer.Exit(1)


def _read(file: Path) -> list["Anchor"]:
    from domain.audit import AnchorError, read_anchor

    key = Settings.read().signing
    found: list[Anchor] = []
    for number, line in enumerate(file.read_text().splitlines(), 1):
        try:
            found.append(read_anchor(line, key))
        except AnchorError as error:
            typer.echo(f"{file}:{number}: {error}", err=True)
            raise typer.Exit(1) from None
    return found


async def _as_owner(work: Callable[["Owner"], Awaitable[T]]) -> T:
    import asyncpg

    from db.embedded import EmbeddedError
    from server.dsn import owner_dsn

    try:
        async with owner_dsn(Settings.read()) as dsn:
            if dsn is None:
                said = "Set MIGRATE_DATABASE_URL to the DSN of the role that owns the database."
                raise EmbeddedError(said)
            connection = await asyncpg.connect(dsn)
            try:
                return await work(connection)
            finally:
                await connection.close()
    except EmbeddedError as error:
        typer.echo(error.message, err=True)
        raise typer.Exit(1) from None
