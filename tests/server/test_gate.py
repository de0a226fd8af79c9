"""The gate: places at work, lanes that nobody fills for others, and a short wait."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from server.gate import Gate, TurnedAway


async def working(stack: AsyncExitStack, gate: Gate, *lanes: str) -> None:
    """Have one at work until the stack ends."""
    await stack.enter_async_context(gate.place(*lanes))


async def one(gate: Gate, *lanes: str) -> str:
    async with gate.place(*lanes):
        return lanes[0]


async def begun(*tasks: "asyncio.Task[str]") -> None:
    """Let tasks come as far as they can."""
    for _ in range(5):
        await asyncio.sleep(0)
    assert not any(task.done() for task in tasks)


async def test_one_lane_has_at_most_half_of_the_places() -> None:
    gate = Gate(4, waiting=2)
    async with AsyncExitStack() as stack:
        for _ in range(2):
            await working(stack, gate, "a")
        third = asyncio.create_task(one(gate, "a"))
        await begun(third)
        assert await one(gate, "b") == "b"
        await working(stack, gate, "b", "dear")
        await working(stack, gate, "c", "dear")
        other = asyncio.create_task(one(gate, "d"))
        await begun(third, other)
    assert await asyncio.gather(third, other) == ["a", "d"]


async def test_nobody_waits_long_nor_in_a_long_queue() -> None:
    gate = Gate(2, waiting=4, patience=0.01)
    async with AsyncExitStack() as stack:
        await working(stack, gate, "a")
        with pytest.raises(TurnedAway):
            await one(gate, "a")
        await working(stack, gate, "b")
        gate = Gate(2, waiting=4, patience=60)
        await working(stack, gate, "a")
        waiting = [asyncio.create_task(one(gate, "a")) for _ in range(2)]
        await begun(*waiting)
        # Half of the queue is everybody's who is not of this lane.
        with pytest.raises(TurnedAway):
            await one(gate, "a")
        assert await one(gate, "b") == "b"
    assert await asyncio.gather(*waiting) == ["a", "a"]


async def test_whoever_leaves_two_lanes_makes_room_in_both() -> None:
    gate = Gate(8, waiting=10)
    async with AsyncExitStack() as rest:
        for lane in ("b", "c", "d"):
            await working(rest, gate, lane, "dear")
            await working(rest, gate, "a")
        async with gate.place("a", "dear"):
            staying = asyncio.create_task(working(rest, gate, "a"))
            passing = asyncio.create_task(one(gate, "e", "dear"))
            await asyncio.sleep(0)
            assert gate._queued == {"a": 1, "e": 1, "dear": 1}
        async with asyncio.timeout(5):
            await staying
            assert await passing == "e"


async def test_who_would_wait_in_vain_is_turned_away_at_once() -> None:
    gate = Gate(1, waiting=10, patience=0.05)
    async with AsyncExitStack() as stack:
        await working(stack, gate, "a")
        gate._takes = 10.0
        first = asyncio.create_task(one(gate, "b"))
        await asyncio.sleep(0)
        with pytest.raises(TurnedAway):
            await one(gate, "c")
        with pytest.raises(TurnedAway):
            await first


async def test_who_leaves_the_queue_leaves_no_place_behind() -> None:
    gate = Gate(1, waiting=10, patience=60)
    async with AsyncExitStack() as stack:
        await working(stack, gate, "a")
        waiting = [asyncio.create_task(one(gate, "b")) for _ in range(3)]
        await begun(*waiting)
        waiting[0].cancel()
        await begun(*waiting[1:])
    # Called and cancelled in the same moment: the place goes to the next.
    waiting[1].cancel()
    assert await waiting[2] == "b"
    assert await one(gate, "c") == "c"
    assert (gate._at_work, gate._working, gate._queued) == (0, {}, {})


async def test_a_place_that_is_free_as_somebody_leaves_goes_to_the_next() -> None:
    gate = Gate(1, waiting=10, patience=60)
    async with AsyncExitStack() as stack:
        await working(stack, gate, "a")
        waiting = [asyncio.create_task(one(gate, "b")) for _ in range(2)]
        await begun(*waiting)
        waiting[0].cancel()
    # Its place was free before the one that left had run again.
    assert await waiting[1] == "b"
    with pytest.raises(asyncio.CancelledError):
        await waiting[0]
    assert (gate._at_work, gate._working, gate._queued) == (0, {}, {})


async def test_the_gate_is_shut_to_the_public_first() -> None:
    gate = Gate(2, waiting=4)
    for _ in range(3):
        assert not gate.shut(False)
        gate.enter(False)
    assert gate.shut(False)
    for _ in range(3):
        assert not gate.shut(True)
        gate.enter(True)
    assert gate.shut(True)
    gate.leave(False)
    assert (gate.shut(True), gate.shut(False)) == (False, False)
