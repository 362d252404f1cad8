"""The journal of accepted orders, on disk: each is written to its machine at most once, and answered."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from energytrack.events import CommandResult
from energytrack.messages import Command
from energytrack.replacing import replacing
from gateway.errors import InvalidFile

REMEMBERED: Final = 500
"""Number of kept answers: an order that comes again is answered again but carried out once."""

Step = Literal["accepted", "written", "answered", "reported"]


class Entry(Struct, frozen=True):
    """An order and its progress."""

    command: Command
    step: Step
    answer: CommandResult | None = None


class Journal:
    """Entries by command_id, oldest first; each change is on disk when the call returns.

    Used by the service's thread, and by the one that talks to machines.
    """

    def __init__(self, path: Path) -> None:
        """Raises InvalidFile if the file is not a journal: executed orders would be unknown."""
        self._path = path
        self._lock = threading.Lock()
        self._entries: dict[str, Entry] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            try:
                entries = msgspec.json.decode(path.read_bytes(), type=list[Entry])
            except (OSError, msgspec.DecodeError) as error:
                problem = f"it is no journal of orders ({error}); look what was carried out, then move it away"
                raise InvalidFile(str(path), problem) from error
            self._entries = {entry.command.command_id: entry for entry in entries}

    def __getitem__(self, command_id: str) -> Entry | None:
        return self._entries.get(command_id)

    def open_orders(self) -> Iterator[Entry]:
        """Orders without an answer."""
        return (entry for entry in list(self._entries.values()) if entry.answer is None)

    def unsent(self) -> Iterator[CommandResult]:
        """Results that may not have reached Kafka yet."""
        return (entry.answer for entry in list(self._entries.values()) if entry.step == "answered" and entry.answer)

    def of_machine(self, device_id: str) -> Command | None:
        """The open order of a machine."""
        return next((e.command for e in self.open_orders() if e.command.device_id == device_id), None)

    def accept(self, command: Command) -> None:
        """Record that an order will be executed."""
        self._change({command.command_id: Entry(command, "accepted")})

    def writing(self, command: Command) -> None:
        """Record that the value is about to be written; from here on it counts as written, whatever happens."""
        self._change({command.command_id: Entry(command, "written")})

    def answer(self, command: Command, answer: CommandResult) -> None:
        """Record how it ended."""
        self._change({command.command_id: Entry(command, "answered", answer)})

    def acknowledge_all(self) -> None:
        """Record that Kafka has every answer so far."""
        self._change({name: replace(e, step="reported") for name, e in self._entries.items() if e.step == "answered"})

    def _change(self, entries: dict[str, Entry]) -> None:
        with self._lock:
            changed = self._entries | entries
            done = [command_id for command_id, entry in changed.items() if entry.step == "reported"]
            for command_id in done[:-REMEMBERED]:
                del changed[command_id]
            with replacing(self._path) as file:
                file.write(msgspec.json.encode(list(changed.values())))
            self._entries = changed
