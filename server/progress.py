"""Progress bars on the terminal; on a pipe a line now and then."""

from collections.abc import Callable, Generator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


@contextmanager
def bar(title: str, total: int | None = None) -> Generator[Callable[[int], None]]:
    """A bar for as long as the block lasts; call it with how much is done."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(title, total=total)

        def done(count: int) -> None:
            progress.update(task, completed=count)

        yield done
