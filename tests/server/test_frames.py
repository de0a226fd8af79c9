"""WebSockets by themselves: what is written together, and who is given up."""

import asyncio
from typing import Any, cast

from uvicorn import Config
from uvicorn.server import ServerState

from server.frames import TAKE_SECONDS, Frames
from server.gathering import ENOUGH, Gathering


class Wire:
    """Notes what is done to a connection."""

    def __init__(self) -> None:
        self.calls: list[bytes | str] = []
        self.closing = False

    def write(self, data: bytes) -> None:
        assert not self.closing
        self.calls.append(data)

    def close(self) -> None:
        self.closing = True
        self.calls.append("closed")

    def abort(self) -> None:
        self.calls.append("given up")

    def is_closing(self) -> bool:
        return self.closing

    def get_extra_info(self, _name: str) -> None:
        return None


def gathering() -> tuple[Wire, Gathering]:
    wire = Wire()
    return wire, Gathering(cast("asyncio.Transport", wire), asyncio.get_running_loop())


async def test_what_one_turn_writes_is_one_write() -> None:
    wire, transport = gathering()
    for part in (b"one ", b"two ", b"three"):
        transport.write(part)
    assert wire.calls == []
    await asyncio.sleep(0)
    assert wire.calls == [b"one two three"]
    transport.write(b"four")
    await asyncio.sleep(0)
    assert wire.calls == [b"one two three", b"four"]


async def test_much_is_written_at_once_so_that_it_can_be_too_much() -> None:
    wire, transport = gathering()
    transport.write(b"first ")
    transport.write(b"x" * ENOUGH)
    assert wire.calls == [b"first ", b"x" * ENOUGH]
    transport.write(b"last")
    await asyncio.sleep(0)
    assert wire.calls[2:] == [b"last"]


async def test_what_was_written_goes_before_the_end_and_nothing_after_it() -> None:
    wire, transport = gathering()
    transport.write(b"farewell")
    transport.close()
    transport.write(b"afterwards")
    await asyncio.sleep(0)
    assert wire.calls == [b"farewell", "closed"]


async def test_who_takes_nothing_for_long_is_given_up() -> None:
    async def app(_scope: Any, _receive: Any, _send: Any) -> None:
        """Never called: no handshake comes."""

    wire, loop = Wire(), asyncio.get_running_loop()
    frames = Frames(Config(app, log_config=None), ServerState(), {}, loop)
    frames.connection_made(cast("asyncio.Transport", wire))
    frames.look(loop.time() + 2 * TAKE_SECONDS)
    frames.pause_writing()
    frames.look(loop.time() + TAKE_SECONDS / 2)
    frames.resume_writing()
    frames.look(loop.time() + 2 * TAKE_SECONDS)
    assert wire.calls == []
    frames.pause_writing()
    frames.look(loop.time() + 2 * TAKE_SECONDS)
    assert wire.calls == ["given up"]
