"""An event loop in its own thread, for servers of protocols with asynchronous libraries."""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from gateway.orders import event_loop as threads

T = TypeVar("T")


class EventLoop:
    """Runs coroutines for a caller that is not asynchronous."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def run(self, work: Coroutine[Any, Any, T], *, deadline: float = 60.0) -> T:
        """The result of a coroutine, or its error."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(deadline)


@contextmanager
def event_loop() -> Iterator[EventLoop]:
    """A loop while the context lasts."""
    with threads.event_loop() as loop:
        yield EventLoop(loop)
