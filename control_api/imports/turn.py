"""Files are read one at a time: two at once would not fit into the service's memory."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from control_api.http.problems import Problem

TURN_SECONDS: Final = 20.0
"""How long a file waits while another one is read."""


class Turn:
    """Who reads a file; may be taken in any thread."""

    def __init__(self) -> None:
        self._free = threading.Semaphore(1)

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Read a file as soon as no other one is read; raises Problem if that takes too long."""
        if not self._free.acquire(timeout=TURN_SECONDS):
            raise Problem("too_many_requests", "Another file is being read; try again in a minute.")
        try:
            yield
        finally:
            self._free.release()
