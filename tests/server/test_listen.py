"""Where the server listens: on what the machine has of a name's addresses, and never on nothing."""

import asyncio
import socket
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.applications import Starlette

from server.http import Server
from server.listen import ListenError, bind, listen, repeated
from server.loop import loop_factory

ABSENT, HERE = ("198.51.100.1", 0), ("127.0.0.1", 0)


def named(monkeypatch: pytest.MonkeyPatch, *addresses: tuple[str, int]) -> None:
    """Have every name stand for these addresses."""

    def found(*_: Any, **__: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", each) for each in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", found)


def test_an_address_that_is_not_of_this_machine_is_passed_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    named(monkeypatch, ABSENT, HERE)
    (made,) = bind("somewhere", 0)
    assert made.getsockname()[0] == "127.0.0.1"
    made.close()


def test_none_at_all_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    named(monkeypatch, ABSENT, ("198.51.100.2", 0))
    with pytest.raises(ListenError, match="no such address here"):
        bind("somewhere", 0)


def test_a_port_that_is_taken_leaves_no_socket_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(HERE) as taken:
        port = taken.getsockname()[1]
        named(monkeypatch, ("127.0.0.2", port), ("127.0.0.1", port))
        with pytest.raises(ListenError, match="in use"):
            bind("somewhere", port)
    with socket.create_server(("127.0.0.2", port)):
        pass


@pytest.mark.trust(48)
def test_many_are_accepted_in_one_turn_and_none_after_the_end() -> None:
    async def turns() -> int:
        app = Starlette()
        app.state.answers = SimpleNamespace(stop=lambda: None)
        server, listeners = Server(app), bind("127.0.0.1", 0)
        listen(listeners)
        address = listeners[0].getsockname()
        serving = asyncio.create_task(server.serve(repeated(listeners)))
        while not server.started:
            await asyncio.sleep(0)
        clients = [socket.create_connection(address) for _ in range(100)]
        turns = 0
        while len(server.server_state.connections) < len(clients):
            await asyncio.sleep(0)
            turns += 1
        for each in clients:
            each.close()
        server.should_exit = True
        await serving
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(address)
        return turns

    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        assert runner.run(turns()) < 20
