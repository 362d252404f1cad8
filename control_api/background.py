"""Background threads that survive outages of Kafka and the database."""

import os
import signal
import threading
from collections.abc import Callable
from typing import Final

import structlog

from energytrack.errors import EnergyTrackError

log = structlog.get_logger(__name__)

FIRST_PAUSE_SECONDS: Final = 0.5
LONGEST_PAUSE_SECONDS: Final = 10.0
JOIN_SECONDS: Final = 5.0


class Background:
    """A set of threads that run until they are stopped."""

    def __init__(self, stop: threading.Event) -> None:
        self.stop = stop
        self._threads: list[threading.Thread] = []

    def keep(self, name: str, work: Callable[[], None]) -> None:
        """Run `work` in a thread, and again after growing pauses while Kafka or the database is unavailable.

        An unexpected error stops the process, and its supervisor starts a new one.
        """

        def run() -> None:
            pause = FIRST_PAUSE_SECONDS
            while not self.stop.is_set():
                try:
                    work()
                    pause = FIRST_PAUSE_SECONDS
                except EnergyTrackError as error:
                    if pause == FIRST_PAUSE_SECONDS:
                        log.warning("a server is unavailable, trying again", thread=name, error=str(error))
                    self.stop.wait(pause)
                    pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
                except Exception:
                    log.critical("thread died", thread=name, exc_info=True)
                    os.kill(os.getpid(), signal.SIGTERM)
                    raise

        thread = threading.Thread(target=run, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def every(self, name: str, seconds: float, step: Callable[[], None], *, at_start: bool = False) -> None:
        """Run `step` in a thread every `seconds`; the first run is after that time or at the start."""

        def work() -> None:
            if at_start:
                step()
            while not self.stop.wait(seconds):
                step()

        self.keep(name, work)

    def end(self) -> None:
        """Stop all threads, waiting a few seconds for each."""
        self.stop.set()
        for thread in self._threads:
            thread.join(JOIN_SECONDS)
