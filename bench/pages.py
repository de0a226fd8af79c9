"""Parts of docs/performance.md that measurements write, between their markers."""

from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"


def put(part: str, text: str) -> None:
    """Replace a part of the page."""
    start, end = f"<!-- {part} -->\n", f"<!-- /{part} -->"
    before, _, rest = PAGE.read_text().partition(start)
    _, _, after = rest.partition(end)
    PAGE.write_text(f"{before}{start}\n{text.strip()}\n\n{end}{after}")
