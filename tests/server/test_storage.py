"""Where photographs are kept, by setting."""

import asyncio
import socket
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import obstore
import pytest
import pytest_asyncio
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.storage import open_store

Objects = dict[str, bytes]


@pytest_asyncio.fixture
async def bucket(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Objects]:
    """An S3-compatible server on loopback; the objects it has."""
    objects: Objects = {}

    async def answer(request: Request) -> Response:
        assert request.headers["authorization"].startswith("AWS4-HMAC-SHA256 Credential=key/")
        if request.method == "PUT":
            objects[request.url.path] = await request.body()
        found = objects.get(request.url.path)
        if found is None:
            return Response("<Error><Code>NoSuchKey</Code></Error>", 404)
        headers = {"etag": '"1"', "last-modified": "Sun, 22 Nov 2026 21:00:00 GMT"}
        return Response(b"" if request.method == "PUT" else found, 200, headers)

    listening = socket.create_server(("127.0.0.1", 0))
    app = Starlette(routes=[Route("/{key:path}", answer, methods=["GET", "PUT"])])
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
    serving = asyncio.create_task(server.serve([listening]))
    monkeypatch.setenv("AWS_ENDPOINT", f"http://127.0.0.1:{listening.getsockname()[1]}")
    monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    yield objects
    server.should_exit = True
    await serving


async def test_a_bucket_by_its_url_and_obstores_own_environment(
    bucket: Objects, tmp_path: Path
) -> None:
    store = open_store("s3://photos/linli", tmp_path)
    await obstore.put_async(store, "ab/cd", b"bytes", use_multipart=False)
    assert bucket == {"/photos/linli/ab/cd": b"bytes"}
    assert bytes(await (await obstore.get_async(store, "ab/cd")).bytes_async()) == b"bytes"
    with pytest.raises(FileNotFoundError):
        await obstore.get_async(store, "none")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("named", [False, True])
async def test_a_folder(tmp_path: Path, named: bool) -> None:
    folder = tmp_path / ("named" if named else "attachments")
    store = open_store(folder.as_uri() if named else None, tmp_path)
    await obstore.put_async(store, "ab/cd", b"bytes")
    assert (folder / "ab" / "cd").read_bytes() == b"bytes"
    if not named:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("url", ["photos", "http://photos", "s3://", "ftp://photos/a"])
def test_what_is_no_store_is_refused_at_the_start(tmp_path: Path, url: str) -> None:
    with pytest.raises(ValueError, match="LINLI_STORE"):
        open_store(url, tmp_path)
