"""How many live connections each caller has, so that one caller cannot take them all.

A seat is counted from the first request on, before the upgrade: a connection without a message costs as much as one
with messages.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

KEY: Final = "energytrack.live_seat"
"""Where the WSGI environment of a connection's first request holds its seat."""


@dataclass(eq=False)
class Seat:
    """One live connection."""

    caller: str | None = None
    """Its subject; None until it has said who it is."""


class Seats:
    """The seats of all callers; every method may be called from any thread."""

    def __init__(self, each: int, lasting: Callable[[], Iterable[Seat]]) -> None:
        """`lasting` gives the seats of sessions that outlast the request that began them: those that poll."""
        self.each = each
        self._lasting = lasting
        self._occupied: set[Seat] = set()
        self._lock = threading.Lock()

    @contextmanager
    def occupied(self, seat: Seat) -> Iterator[None]:
        """A request is being served that begins a connection; a WebSocket's request lasts as long as it does."""
        with self._lock:
            self._occupied.add(seat)
        try:
            yield
        finally:
            with self._lock:
                self._occupied.discard(seat)

    def claim(self, seat: Seat, caller: str) -> bool:
        """Whether the caller may have one more connection; if so, the seat is theirs."""
        with self._lock:
            seats = self._occupied.union(self._lasting()) - {seat}
            if sum(other.caller == caller for other in seats) >= self.each:
                return False
            seat.caller = caller
            return True
