"""`linli explain`: for whoever develops against the API and wonders why a query is slow."""

import asyncio
import json
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from server.settings import Settings


def explain(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, metavar="FILE.graphql")],
    variables: Annotated[
        str, typer.Option("--vars", help="Variables as JSON, or @FILE that holds them.")
    ] = "{}",
    name: Annotated[
        str | None, typer.Option("--as", help="Whose eyes to see with, as for `linli token`.")
    ] = None,
    operation: Annotated[
        str | None, typer.Option(help="Which operation, if the file has several.")
    ] = None,
    run: Annotated[bool, typer.Option(help="Carry it out, for real times and buffers.")] = True,
) -> None:
    """Print what a query costs, the SQL it becomes, its parameters and its plan.

    Beside a running server, or on DATABASE_URL. Without --as: as the public sees it.
    """
    from db.embedded import EmbeddedError
    from server.explain import Asked, ExplainError, explained

    try:
        asked = Asked(file.read_text(), _read(variables), operation, run)
        typer.echo(asyncio.run(explained(Settings.read(), asked, name)))
    except (ExplainError, EmbeddedError, ValueError, OSError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


def _read(variables: str) -> dict[str, Any]:
    """The variables as they were given, or as their file gives them."""
    given = Path(variables[1:]).read_text() if variables.startswith("@") else variables
    wanted = 'wanted is one JSON object, such as {"id": "unit_weibin_…"}, or @FILE that holds it.'
    try:
        values = json.loads(given)
    except ValueError as error:
        raise ValueError(f"--vars is not JSON ({error}); {wanted}") from error
    if not isinstance(values, dict):
        raise ValueError(f"--vars is JSON, but no object; {wanted}")
    return cast("dict[str, Any]", values)
