"""Since when the client of a connection takes nothing, for whoever looks at all connections."""

import asyncio

FOREVER = float("inf")


class Stalling(asyncio.Protocol):
    """What both of uvicorn's protocols are taught: put before them, it notes when writing stalls."""

    loop: asyncio.AbstractEventLoop
    stalled = FOREVER
    """When it began to."""

    def pause_writing(self) -> None:
        super().pause_writing()
        self.stalled = self.loop.time()

    def resume_writing(self) -> None:
        super().resume_writing()
        self.stalled = FOREVER
