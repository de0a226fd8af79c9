"""Answers are small on the wire, in a coding that the client accepts."""

import zlib

import orjson
import pytest

from server.compress import LONG, SMALLEST, coding_for, compressed, zstd
from tests.api.served import Site

WIDE = '{ orgUnits(locality: "weibin", first: 100) { nodes { id name code } } }'


@pytest.mark.parametrize(
    ("header", "coding"),
    [
        ("", None),
        ("identity", None),
        ("br", None),
        ("gzip", "gzip"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("zstd;q=0.5, gzip", "gzip"),
        ("zstd;q=0, gzip;q=0", None),
        ("*", "zstd"),
        ("*;q=0", None),
        ("GZIP;q=1.0", "gzip"),
        ("gzip;q=nonsense", None),
    ],
)
def test_the_coding_is_the_one_wanted_most(header: str, coding: str | None) -> None:
    assert coding_for(header) == coding


@pytest.mark.parametrize("size", [SMALLEST + 1, LONG + 1])
async def test_what_is_made_small_can_be_read_again(size: int) -> None:
    body = (b"0123456789" * size)[:size]
    for header, read in (("zstd", zstd.decompress), ("gzip", lambda b: zlib.decompress(b, 31))):
        made, headers = await compressed(body, header)
        assert read(made) == body
        assert headers == {"vary": "accept-encoding", "content-encoding": header}
    assert await compressed(body, "") == (body, {"vary": "accept-encoding"})


async def test_an_answer_is_sent_small_to_whoever_takes_it_so(demo: Site) -> None:
    plain = await demo.post(WIDE, headers={"accept-encoding": "identity"})
    small = await demo.post(WIDE, headers={"accept-encoding": "gzip, zstd"})
    assert "content-encoding" not in plain.headers
    assert small.headers["content-encoding"] == "zstd"
    assert small.headers["vary"] == plain.headers["vary"] == "accept-encoding"
    assert int(small.headers["content-length"]) * 3 < int(plain.headers["content-length"])
    assert orjson.loads(zstd.decompress(small.content))["data"] == plain.json()["data"]


async def test_a_short_answer_is_sent_as_it_is(demo: Site) -> None:
    told = await demo.post("{ __typename }", headers={"accept-encoding": "gzip"})
    assert "content-encoding" not in told.headers
