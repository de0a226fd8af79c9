"""The pages load nothing from elsewhere, their files are kept for good, the examples are there."""

import json
import re

import httpx
import pytest
from starlette.applications import Starlette

from server.pages import FOLDER, Example, page_routes

SCHEMA = "type Query {\n  居委会: String\n}\n"
EXAMPLES = [
    Example("places", "The places served", "query Places { localities { slug } }", {}),
    Example(
        "tree",
        "One tree, </script> & all",
        "query Tree($slug: String!) {\n  locality(slug: $slug) { name }\n}",
        {"slug": "新茂<b>"},
    ),
]
PLAIN = {"accept-encoding": "identity"}


@pytest.fixture
def client() -> httpx.AsyncClient:
    app = Starlette(routes=page_routes(SCHEMA, EXAMPLES))
    transport = httpx.ASGITransport(app)
    return httpx.AsyncClient(transport=transport, base_url="http://demo.test:8000", headers=PLAIN)


def loaded(page: str) -> list[str]:
    return re.findall(r'(?:src|href)="([^"]*)"', page)


@pytest.mark.parametrize("path", ["/", "/graphiql"])
async def test_a_page_is_guarded(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    policy = dict(one.strip().split(" ", 1) for one in _policy(answer).split(";"))
    assert policy.pop("style-src") == ("'self' 'unsafe-inline'" if path != "/" else "'self'")
    assert policy.pop("img-src") == "'self' data:"
    assert policy["frame-ancestors"] == policy["default-src"] == "'none'"
    assert set(policy.values()) == {"'self'", "'none'"}


def _policy(answer: httpx.Response) -> str:
    return answer.headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/", "/graphiql"])
async def test_a_page_loads_only_from_here(client: httpx.AsyncClient, path: str) -> None:
    page = (await client.get(path)).text
    assert loaded(page)
    assert not [url for url in loaded(page) if ":" in url or url.startswith("/")]
    # Inline code would be refused by the policy.
    assert all('src="' in tag or "application/json" in tag for tag in _scripts(page))
    assert "<style" not in page
    assert not re.search(r"\son\w+=|\sstyle=", page)


def _scripts(page: str) -> list[str]:
    return re.findall(r"<script[^>]*>", page)


@pytest.mark.parametrize("path", ["/", "/graphiql"])
async def test_its_files_load_and_are_kept(client: httpx.AsyncClient, path: str) -> None:
    kinds = {
        "css": "text/css",
        "js": "text/javascript",
        "svg": "image/svg+xml",
        "txt": "text/plain",
    }
    files = [url for url in loaded((await client.get(path)).text) if url.startswith("static/")]
    assert files
    for url in files:
        answer = await client.get(url)
        assert answer.status_code == 200
        assert answer.headers["content-type"].split(";")[0] == kinds[url.rsplit(".", 1)[1]]
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.content == (FOLDER / url.rsplit("/", 1)[1]).read_bytes()
        again = await client.get(url, headers={"if-none-match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


async def test_a_file_is_packed_for_those_who_can_unpack(client: httpx.AsyncClient) -> None:
    url = next(u for u in loaded((await client.get("/graphiql")).text) if "graphiql-" in u)
    plain, packed = [await client.get(url, headers={"accept-encoding": e}) for e in ("", "gzip")]
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < len(plain.content) / 3
    assert packed.content == plain.content
    assert packed.headers["etag"] != plain.headers["etag"]
    assert packed.headers["vary"] == "accept-encoding"


@pytest.mark.parametrize(
    "path",
    [
        "/static/0000000000000000/home.css",
        "/static/home.css",
        "/static/README.md",
        "/static/vendor.sh",
        "/static/../pages.py",
        "/static/x/%2e%2e/%2e%2e/pages.py",
    ],
)
async def test_nothing_else_is_served(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 404


async def test_the_examples_are_shown(client: httpx.AsyncClient) -> None:
    page = (await client.get("/")).text
    assert "<summary>The places served</summary>" in page
    assert "One tree, &lt;/script&gt; &amp; all" in page
    assert "locality(slug: $slug)" in page
    assert "&quot;新茂&lt;b&gt;&quot;" in page


async def test_the_examples_are_tabs(client: httpx.AsyncClient) -> None:
    page = (await client.get("/graphiql")).text
    [text] = re.findall(r'<script id="tabs" type="application/json">(.*?)</script>', page)
    first, second = json.loads(text)
    assert first == {
        "query": "# The places served\n\nquery Places { localities { slug } }\n",
        "variables": "",
    }
    assert second["query"].startswith("# One tree, </script> & all\n\nquery Tree(")
    assert json.loads(second["variables"]) == {"slug": "新茂<b>"}


async def test_the_first_page_says_how_to_begin(client: httpx.AsyncClient) -> None:
    page = (await client.get("/")).text
    assert "curl -s http://demo.test:8000/graphql" in page
    assert "{ localities { slug name roots { name } } }" in page
    assert "linli token --as NAME" in page
    assert "POST /graphql" in page
    assert {"graphiql", "schema.graphql", "healthz", "readyz"} <= set(loaded(page))
    assert page.count("邻里") == 1


async def test_a_strange_host_stays_text(client: httpx.AsyncClient) -> None:
    page = (await client.get("/", headers={"host": "a'$(id)<b>"})).text
    assert "$(id)<b>" not in page


async def test_the_schema_is_text(client: httpx.AsyncClient) -> None:
    answer = await client.get("/schema.graphql")
    assert answer.text == SCHEMA
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"


def test_the_bundles_name_no_other_host() -> None:
    named = re.compile(r"unpkg|jsdelivr|npmjs|/tmp/|sourceMappingURL|url\([\"']?https?:")
    files = [f for f in FOLDER.iterdir() if f.suffix in {".js", ".css", ".html", ".svg", ".txt"}]
    assert files
    assert not [f.name for f in files if named.search(f.read_text("utf-8"))]
