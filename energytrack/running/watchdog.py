"""Ends a process whose main loop is stuck, with the stack of every thread in its log, so that it is restarted."""

import faulthandler
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import structlog

from energytrack.running.health import Health

log = structlog.get_logger(__name__)

LOOK_SECONDS: Final = 1.0
EXIT_CODE: Final = 70
"""EX_SOFTWARE of sysexits.h: an internal error."""


def end_with_stacks() -> None:
    """Write the stack of every thread to the log and end the process at once."""
    faulthandler.dump_traceback(file=sys.__stderr__ or sys.stderr, all_threads=True)
    os._exit(EXIT_CODE)


@contextmanager
def watched(health: Health, *, end: Callable[[], None] = end_with_stacks) -> Iterator[None]:
    """Watch the main loop's heartbeat while the context lasts; call `end` when it has stopped."""
    done = threading.Event()
    thread = threading.Thread(target=_watch, args=(health, end, done), daemon=True, name="watchdog")
    thread.start()
    try:
        yield
    finally:
        done.set()


def _watch(health: Health, end: Callable[[], None], done: threading.Event) -> None:
    """Count the seconds without a heartbeat during which this thread was running.

    A process that was suspended, with its computer or alone, wakes up with an old heartbeat and is not stuck.
    """
    silent, beaten, looked = 0.0, health.beaten(), time.monotonic()
    while not done.wait(LOOK_SECONDS):
        now = time.monotonic()
        awake, looked = min(now - looked, 2 * LOOK_SECONDS), now
        if health.beaten() != beaten or health.at_long_work:
            silent, beaten = 0.0, health.beaten()
            continue
        silent += awake
        if silent >= health.stuck_after:
            log.critical(
                "the main loop stands still and waits for nothing: ending the process", silent_seconds=round(silent)
            )
            end()
            return
