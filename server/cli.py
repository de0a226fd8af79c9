"""The command line: `linli --help`."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn, TypeVar

import typer

from server.cli_audit import audit
from server.cli_documents import documents
from server.cli_explain import explain
from server.cli_people import login, office, token
from server.settings import Settings, SettingsError, UnreachableError

if TYPE_CHECKING:
    from db.load.copy import Owner
    from db.load.report import Progress, Report

T = TypeVar("T")

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Linli (邻里): a GraphQL API server for community grid services.",
)

load = typer.Typer(no_args_is_help=True, help="Load data from files.")
places = typer.Typer(no_args_is_help=True, help="Work on locality profiles.")
app.add_typer(load, name="load")
app.add_typer(places, name="localities")
app.add_typer(audit, name="audit")
app.add_typer(documents, name="documents")
app.add_typer(login, name="login")
app.add_typer(office, name="office")
app.command()(token)
app.command()(explain)

SCHEMA_FILE = Path("schema.graphql")
DAY = ["%Y-%m-%d"]


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", envvar="PORT")] = 8000,
    workers: Annotated[
        int | None,
        typer.Option(min=1, help="Processes that answer requests [default: LINLI_WORKERS, or 1]."),
    ] = None,
    share_port: Annotated[
        bool,
        typer.Option("--share-port", help="Let other servers of this account have the port too."),
    ] = False,
) -> None:
    """Serve the API, on DATABASE_URL or on an embedded PostgreSQL under LINLI_DATA."""
    from db.embedded import EmbeddedError
    from server.issuers import IssuersError
    from server.listen import ListenError, bind
    from server.loop import run
    from server.start import serve as start
    from server.trusted import ManifestError
    from server.workers import WRONG, WorkersError

    try:
        run(start(Settings.read(workers), bind(host, port, shared=share_port)))
    except EmbeddedError as error:
        _fail(error.message)
    except (IssuersError, ManifestError, ListenError) as error:
        _fail(str(error))
    except WorkersError as error:
        if not str(error):  # they said why
            raise typer.Exit(WRONG) from None
        _fail(str(error))


@app.command()
def worker() -> None:
    """Run the clock and the deliveries alone, beside a server; several share the work."""
    from db.embedded import EmbeddedError
    from server.loop import run
    from server.start import work_alone

    try:
        run(work_alone(Settings.read()))
    except EmbeddedError as error:
        _fail(error.message)


@app.command()
def schema(
    check: Annotated[bool, typer.Option(help="Compare with the file, write nothing.")] = False,
) -> None:
    """Write schema.graphql, or check that it is what the code says."""
    from schema.api import API

    text = API.as_str() + "\n"
    if not check:
        SCHEMA_FILE.write_text(text)
        return
    if not SCHEMA_FILE.exists() or SCHEMA_FILE.read_text() != text:
        typer.echo("schema.graphql is not what the code says; run `linli schema`.", err=True)
        raise typer.Exit(1)


@app.command()
def migrate(
    places: Annotated[bool, typer.Option(help="Then load the six places that are new.")] = False,
) -> None:
    """Bring the database to the newest schema, grants and policies, as its owner."""
    from db.migrate import migrate as upgrade
    from server.start import prepare

    asyncio.run(_with_owner(prepare if places else upgrade))


@app.command()
def simulate(
    units: Annotated[int, typer.Option(help="Units to make.")] = 67_000,
    tickets: Annotated[int, typer.Option(help="Tickets to make.")] = 500_000,
) -> None:
    """Make a large place, `simulated`, for measuring; the same numbers make the same place."""
    from db.load.simulate import simulate as make

    async def work(connection: "Owner", done: "Progress") -> "Report":
        return await make(connection, units, tickets, done)

    _load("Simulating tickets", work, tickets)


@app.command()
def replay(
    locality: Annotated[str, typer.Argument(help="The place, by its slug.")],
    profile: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="The one to try.")],
    since: Annotated[
        datetime | None, typer.Option(formats=DAY, help="First day on which they were opened.")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(formats=DAY, help="Last day; what came later is left out.")
    ] = None,
) -> None:
    """Run past tickets under a changed profile, and print what would have differed.

    People act as they did, the clock acts anew. Without dates: tickets of the last 30 days.
    """
    from domain.profile import ProfileError
    from server.places import read_place
    from server.replay import Asked, ReplayError, replay_place

    try:
        tried, _demo = read_place(profile)
        days = (day and day.date() for day in (since, until))
        asked = Asked(locality, profile, tried, *days)
        typer.echo(asyncio.run(_with_owner(lambda dsn: replay_place(dsn, asked))))
    except ProfileError as error:
        _fail("\n".join(map(str, error.problems)))
    except ReplayError as error:
        _fail(str(error))


@places.command("check")
def check_places(
    paths: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, metavar="FILE...")],
) -> None:
    """Check profiles; every problem is told with file, key and reason."""
    from domain.profile import ProfileError
    from server.places import read_place

    wrong = False
    for path in paths:
        try:
            profile, _demo = read_place(path)
            typer.echo(f"{path}: {profile.slug} is a valid profile")
        except ProfileError as error:
            wrong = True
            for problem in error.problems:
                typer.echo(str(problem), err=True)
    if wrong:
        raise typer.Exit(1)


File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, metavar="FILE")]


@load.command("place")
def load_place_file(file: File) -> None:
    """Put a place's profile in force, and people it if it is new and the file says how."""
    from db.load.place import load_place
    from domain.profile import ProfileError
    from server.places import read_place

    try:
        profile, demo = read_place(file)
    except ProfileError as error:
        _fail("\n".join(map(str, error.problems)))

    async def work(connection: "Owner", done: "Progress") -> "Report":
        now = await connection.fetchval("SELECT now()")
        return await load_place(connection, profile, demo, now, done)

    _load(f"Loading {profile.name}", work)


@load.command("divisions")
def load_divisions_file(file: File) -> None:
    """Load administrative divisions: code,parent_code,level,name as CSV, or that with gzip."""
    from db.load.divisions import load_divisions

    _load("Loading divisions", lambda connection, done: load_divisions(connection, file, done))


@load.command("tickets")
def load_tickets_file(file: File) -> None:
    """Load the Boston 311 requests of a half-year as the place `boston`."""
    from db.load.tickets import load_tickets
    from server.places import shipped

    profile = shipped("boston.toml")
    _load("Loading tickets", lambda connection, done: load_tickets(connection, file, profile, done))


@load.command("incidents")
def load_incidents_file(file: File) -> None:
    """Load a service desk's log, with its chains of reassignment, as the place `incidents`."""
    from db.load.incidents import load_incidents
    from server.places import shipped

    profile = shipped("incidents.toml")
    _load(
        "Loading tickets", lambda connection, done: load_incidents(connection, file, profile, done)
    )


Loader = Callable[["Owner", "Progress"], Awaitable["Report"]]


def _load(title: str, work: Loader, total: int | None = None) -> None:
    """Run a loader as the owner with a bar, and print its report."""
    from db.load.source import SourceError
    from server.dsn import connected
    from server.progress import bar

    async def with_dsn(dsn: str) -> "Report":
        connection = await connected(dsn)
        try:
            with bar(title, total) as done:
                return await work(connection, done)
        finally:
            await connection.close()

    try:
        typer.echo(asyncio.run(_with_owner(with_dsn)).text())
    except SourceError as error:
        _fail(str(error))


async def _with_owner(work: Callable[[str], Awaitable[T]]) -> T:
    """Run something with the owner's DSN."""
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


def main() -> None:
    """Entry point of the `linli` command."""
    try:
        app()
    except SettingsError as error:
        typer.echo(str(error), err=True)
        raise SystemExit(2) from None
    except UnreachableError as error:
        typer.echo(str(error), err=True)
        raise SystemExit(1) from None
