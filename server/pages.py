"""The pages a browser sees: a first page, GraphiQL with ready examples, and their files.

GET /                        -> what this is, where the API is, a first query
GET /graphiql                -> GraphiQL, one tab an example
GET /schema.graphql          -> the schema's text
GET /static/{digest}/{name}  -> a file; its address changes with its bytes, so it is kept for good
"""

import gzip
import json
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.rules import TRIAL, Introspection, Rules

FOLDER = Path(__file__).parent / "static"
MEDIA = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
MEDIA[".txt"] = "text/plain"
POLICY = (
    "default-src 'none'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; style-src 'self'"
)


@dataclass(frozen=True)
class Example:
    """A query to try; the name of its operation becomes the title of its tab."""

    name: str
    title: str
    query: str
    variables: Mapping[str, Any]


@dataclass(frozen=True)
class Document:
    """A text to send, with how long a browser may keep it and what the browser may load from it."""

    body: bytes
    media: str
    keep: str = "no-cache"
    policy: str = POLICY

    @cached_property
    def digest(self) -> str:
        return sha256(self.body).hexdigest()[:16]

    @cached_property
    def packed(self) -> bytes:
        return gzip.compress(self.body, mtime=0)

    def answer(self, request: Request) -> Response:
        """Nothing if the visitor has it already, packed if they can unpack it."""
        pack = "gzip" in request.headers.get("accept-encoding", "")
        headers = {
            "cache-control": self.keep,
            "content-security-policy": self.policy,
            "etag": f'"{self.digest}-gzip"' if pack else f'"{self.digest}"',
            "referrer-policy": "no-referrer",
            "vary": "accept-encoding",
            "x-content-type-options": "nosniff",
            "x-frame-options": "DENY",
        }
        if headers["etag"] in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if pack:
            return Response(self.packed, 200, headers | {"content-encoding": "gzip"}, self.media)
        return Response(self.body, 200, headers, self.media)


def page_routes(
    schema_text: str, examples: Sequence[Example], rules: Rules = TRIAL
) -> list[BaseRoute]:
    """The routes of every page that is shown here, for a schema's text and some examples."""
    told = rules.introspection is Introspection.ON
    text = Route("/schema.graphql", Document(schema_text.encode(), "text/plain").answer)
    return [*([text] if told else []), *(_pages(examples) if rules.ide else [])]


def _pages(examples: Sequence[Example]) -> list[BaseRoute]:
    files = {file.name: _document(file) for file in FOLDER.iterdir() if file.suffix in MEDIA}
    home = _page("home.html", files).replace("<!--examples-->", "".join(map(_shown, examples)))
    tabs = json.dumps([_tab(one) for one in examples], ensure_ascii=False).replace("<", "\\u003c")
    tool = _page("graphiql.html", files).replace("<!--tabs-->", tabs).encode()

    def first(request: Request) -> Response:
        url = escape(shlex.quote(f"{request.base_url}graphql"))
        return Document(home.replace("<!--url-->", url).encode(), "text/html").answer(request)

    return [
        Route("/", first),
        # GraphiQL's dialogs add a style element, to keep the page behind from scrolling.
        Route("/graphiql", Document(tool, "text/html", policy=f"{POLICY} 'unsafe-inline'").answer),
        *[Route(f"/static/{file.digest}/{name}", file.answer) for name, file in files.items()],
    ]


def _document(file: Path) -> Document:
    return Document(file.read_bytes(), MEDIA[file.suffix], "public, max-age=31536000, immutable")


def _page(name: str, files: Mapping[str, Document]) -> str:
    """A page's text, the address of each file it loads carrying the file's digest."""
    text = (FOLDER / name).read_text("utf-8")
    return re.sub(r'(?<="static/)([^"]+)', lambda m: f"{files[m[1]].digest}/{m[1]}", text)


def _tab(example: Example) -> dict[str, str]:
    given = json.dumps(dict(example.variables), indent=2, ensure_ascii=False)
    query = f"# {example.title}\n\n{example.query.strip()}\n"
    return {"query": query, "variables": given if example.variables else ""}


def _shown(example: Example) -> str:
    text = escape(f"{example.query.strip()}\n\n{_tab(example)['variables']}".strip())
    head = f'<details id="{escape(example.name)}"><summary>{escape(example.title)}</summary>'
    return f"{head}<pre>{text}</pre></details>\n"
