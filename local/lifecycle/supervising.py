"""`python -m local.lifecycle.supervising`: supervisord, made to survive a full disk and to never give up a program.

Unmodified, it dies of its own log (a failed write is reported on standard error, which is a file on the same disk), a
log that cannot be opened leaks the pipes of each attempt, each retry waits a second longer than the last, and after
`startretries` of them it stops trying. It also notices the end of a program up to a second late, and needs another
second before it starts it again.
"""

import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, TextIO

from supervisor import loggers, process, supervisord
from supervisor.medusa import asyncore_25 as asyncore
from supervisor.states import ProcessStates

LONGEST_PAUSE_SECONDS: Final = 3
"""Maximum delay between two attempts to start a program, so that it is back soon after its needs are met."""
REOPEN_SECONDS: Final = 1.0
"""Delay between two attempts to open a log on a full disk."""


class ResilientLogHandler(loggers.RotatingFileHandler):  # type: ignore[misc]  # supervisor has no types
    """A log that drops lines while the disk is full, records how many, and never raises."""

    def __init__(self, filename: str, mode: str = "ab", maxBytes: int = 0, backupCount: int = 0) -> None:  # noqa: N803
        loggers.Handler.__init__(self)
        self.baseFilename, self.mode = filename, mode
        self.maxBytes, self.backupCount = maxBytes, backupCount
        self._lost = 0
        self._opens_at = 0.0
        self._open()

    def emit(self, record: Any) -> None:
        """Write one record, or count it as lost."""
        if self.closed and not self._open():
            self._lost += 1
            return
        try:
            if self._lost:
                self.stream.write(f"... {self._lost} writes are missing: the disk was full\n".encode())
                self._lost = 0
            self._written(record)
            self.doRollover()
        except (OSError, ValueError):
            self._lost += 1
            self._shut()

    def reopen(self) -> None:
        """Close and open, as after an external rotation."""
        self._shut()
        self._opens_at = 0.0
        self._open()

    def remove(self) -> None:
        """Delete the file, if possible."""
        with suppress(OSError):
            super().remove()

    def close(self) -> None:
        """Close the file; buffered data is lost if the disk is full."""
        self._shut()

    def handleError(self) -> None:  # noqa: N802  # the base class names it so
        """Called within `emit`: do not print a traceback to the same disk."""
        _, error, _ = sys.exc_info()
        if error is not None:
            raise error

    def _written(self, record: Any) -> None:
        loggers.FileHandler.emit(self, record)

    def _open(self) -> bool:
        if time.monotonic() < self._opens_at:
            return False
        try:
            self.stream = Path(self.baseFilename).open("ab")  # noqa: SIM115  # it stays open
        except OSError:
            self.closed = True
            self._opens_at = time.monotonic() + REOPEN_SECONDS
            return False
        self.closed = False
        return True

    def _shut(self) -> None:
        if not self.closed:
            with suppress(OSError, ValueError):
                self.stream.close()
            self.closed = True


class RestartedProcess(process.Subprocess):  # type: ignore[misc]
    """A program that is always restarted when it ends, after a limited delay."""

    def change_state(self, new_state: int, expected: bool = True) -> Any:
        """On entering BACKOFF the delay grows, up to its limit."""
        changed = super().change_state(new_state, expected)
        if new_state == ProcessStates.BACKOFF:
            self.backoff: int = min(self.backoff, LONGEST_PAUSE_SECONDS)
            self.delay = time.time() + self.backoff
        return changed


class SignalWaker:
    """Ends the supervisor's wait when a signal arrives, such as that of a child's end; Python alone resumes the wait.

    It takes the place of one of the supervisor's connections.
    """

    def __init__(self, on_signal: Callable[[], None]) -> None:
        self._on_signal = on_signal
        self.reading, self._writing = os.pipe()
        for descriptor in (self.reading, self._writing):
            os.set_blocking(descriptor, False)
        self._before = signal.set_wakeup_fd(self._writing, warn_on_full_buffer=False)

    def close(self) -> None:
        """Leave signals as they were: nothing is written to a descriptor that may soon be somebody else's."""
        signal.set_wakeup_fd(self._before)
        os.close(self._writing)
        os.close(self.reading)

    def readable(self) -> bool:
        """It always waits for signals."""
        return True

    def writable(self) -> bool:
        """Nothing is written here."""
        return False

    def handle_read_event(self) -> None:
        """Programs that have ended are noticed now, so that this turn of the loop starts them again."""
        with suppress(BlockingIOError):
            os.read(self.reading, 4096)
        self._on_signal()

    def handle_error(self) -> None:
        """Called within an `except`: the turn failed, as in `ResilientSupervisor.runforever`."""
        _, error, _ = sys.exc_info()
        if error is not None:
            raise error


class ResilientSupervisor(supervisord.Supervisor):  # type: ignore[misc]
    """A supervisor that notices the end of a program at once, and continues after any error in a turn of its loop."""

    def runforever(self) -> None:
        """Run until asked to stop."""
        waker = SignalWaker(self.reap)
        connections = self.options.get_socket_map()
        connections[waker.reading] = waker
        try:
            self._run_whatever_fails()
        finally:
            connections.pop(waker.reading, None)
            waker.close()

    def _run_whatever_fails(self) -> None:
        while True:
            try:
                super().runforever()
            except asyncore.ExitNow:
                raise
            except Exception as error:  # a supervisor must survive an error in one turn
                self.options.logger.critical(f"a turn failed and is retried: {error!r}")
                time.sleep(REOPEN_SECONDS)


class ErrorIgnoringStream:
    """A text stream that ignores errors."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write if there is space."""
        with suppress(OSError, ValueError):
            return self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush if there is space."""
        with suppress(OSError, ValueError):
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def main(arguments: Sequence[str]) -> None:
    """Run supervisord with its own arguments."""
    sys.stdout, sys.stderr = ErrorIgnoringStream(sys.stdout), ErrorIgnoringStream(sys.stderr)
    loggers.RotatingFileHandler = ResilientLogHandler
    process.Subprocess = RestartedProcess
    supervisord.Supervisor = ResilientSupervisor
    supervisord.main(arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
