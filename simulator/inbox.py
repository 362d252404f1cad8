"""Passes injected faults to the running simulator: as files in its state folder, each answered by a file.

The folder belongs to one simulator at a time, which holds a lock on it. A request is deleted after it is answered, and
answered after the fault is part of the saved state.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import msgspec
from msgspec import Struct
from ulid import ULID

from energytrack.clock import Clock
from energytrack.errors import EnergyTrackError
from energytrack.replacing import replacing


class Injection(Struct, frozen=True):
    """A fault to be injected."""

    device_id: str
    fault: str
    seconds: float
    """Until the machine fails, if it runs all the time."""


class InjectionAnswer(Struct, frozen=True):
    """The simulator's answer to an injection."""

    accepted: bool
    text: str


@dataclass(eq=False)
class FolderBusy(EnergyTrackError):
    """Another simulator uses this state folder."""

    folder: str

    def __str__(self) -> str:
        return f"another simulator runs on {self.folder}: stop it, or set ENERGYTRACK_SIMULATOR_STATE_FOLDER"


@dataclass(eq=False)
class NobodyAnswers(EnergyTrackError):
    """No simulator answered the injection."""

    problem: str

    def __str__(self) -> str:
        return self.problem


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Lock the folder for this process while the context lasts; raises FolderBusy."""
    with _lock_file(folder) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise FolderBusy(str(folder)) from error
        yield


def requests(folder: Path) -> list[tuple[Path, Injection | None]]:
    """Waiting requests, oldest first; None for an unreadable one."""
    waiting = sorted(_box(folder).glob("*.request"))
    return [(path, _read(path)) for path in waiting]


def answer(request: Path, outcome: InjectionAnswer) -> None:
    """Answer a request and remove it."""
    _write(request.with_suffix(".answer"), msgspec.json.encode(outcome))
    request.unlink(missing_ok=True)


def ask(folder: Path, injection: Injection, *, clock: Clock, patience: float = 10.0) -> InjectionAnswer:
    """Pass an injection to the simulator that runs on `folder` and wait for its answer; raises NobodyAnswers."""
    if not _is_held(folder):
        raise NobodyAnswers(f"no simulator runs on {folder}: start one, or set ENERGYTRACK_SIMULATOR_STATE_FOLDER")
    request = _box(folder) / f"{ULID()}.request"
    reply = request.with_suffix(".answer")
    _write(request, msgspec.json.encode(injection))
    deadline = clock.monotonic() + patience
    while not reply.exists():
        if clock.monotonic() > deadline:
            request.unlink(missing_ok=True)
            raise NobodyAnswers(f"the simulator on {folder} did not answer within {patience:g} s; nothing was injected")
        clock.sleep(0.05)
    outcome = msgspec.json.decode(reply.read_bytes(), type=InjectionAnswer)
    reply.unlink()
    return outcome


def _is_held(folder: Path) -> bool:
    with _lock_file(folder) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def _lock_file(folder: Path) -> IO[bytes]:
    folder.mkdir(parents=True, exist_ok=True)
    return (folder / "lock").open("ab")


def _box(folder: Path) -> Path:
    box = folder / "inbox"
    box.mkdir(parents=True, exist_ok=True)
    return box


def _read(path: Path) -> Injection | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Injection)
    except (OSError, msgspec.DecodeError):
        return None


def _write(path: Path, value: bytes) -> None:
    with replacing(path) as file:
        file.write(value)
