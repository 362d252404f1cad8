"""Long-running programs of a cluster: each in the cluster's network, with a log of its own, ended by its own handle."""

import signal
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from testkit.stack.servers import eventually

LAST_WORDS: Final = 2000
END_SECONDS: Final = 30


class ClusterFailed(Exception):
    """A program of the cluster failed; the message is what it said last."""


class Daemons:
    """What was started, ended in the opposite order."""

    def __init__(self, logs: Path, network: str) -> None:
        """Logs are in a folder, which is emptied; `network` is the name of a network namespace."""
        logs.mkdir(parents=True, exist_ok=True)
        for old in logs.glob("*.log"):
            old.unlink()
        self._logs = logs
        self._network = network
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._ends_by: dict[str, signal.Signals] = {}

    def start(self, name: str, *command: str | Path, end_by: signal.Signals = signal.SIGTERM) -> None:
        """Start a program in the cluster's network; it ends by a signal."""
        self._ends_by[name] = end_by
        inside = ("nsenter", f"--net=/run/netns/{self._network}", *map(str, command))
        with (self._logs / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(inside, stdout=log, stderr=log, start_new_session=True)

    def wait_for(self, name: str, ready: Callable[[], bool], seconds: float) -> None:
        """Return once it is ready; raises ClusterFailed with its last words if it ends before, or takes too long."""

        def is_ready() -> bool:
            if self._running[name].poll() is not None:
                raise ClusterFailed(f"{name} has ended:\n{self.last_words(name)}")
            return ready()

        try:
            eventually(is_ready, seconds, pause=0.3)
        except AssertionError as late:
            raise ClusterFailed(f"{name} is not ready:\n{self.last_words(name)}") from late

    def last_words(self, name: str) -> str:
        """The end of a program's log."""
        return (self._logs / f"{name}.log").read_text(encoding="utf-8", errors="replace")[-LAST_WORDS:]

    def kill(self, name: str) -> None:
        """At once, as a power cut would."""
        process = self._running.pop(name)
        process.kill()
        process.wait()

    def stop(self) -> None:
        """End all, the youngest first."""
        for name in reversed(list(self._running)):
            process = self._running.pop(name)
            process.send_signal(self._ends_by[name])
            try:
                process.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def run(command: Sequence[str | Path], *, seconds: float = 60, text: str | None = None) -> str:
    """What a short command printed; raises ClusterFailed."""
    done = subprocess.run(
        list(map(str, command)), input=text, capture_output=True, text=True, check=False, timeout=seconds
    )
    if done.returncode:
        raise ClusterFailed(f"{' '.join(map(str, command))}:\n{(done.stdout + done.stderr)[-LAST_WORDS:]}")
    return done.stdout
