"""Runs to failure: each machine's record ends when it fails, or a given number of steps before that."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np

from energytrack.event_ids import imported_event_id
from energytrack.events import DeviceEvent, Failure
from energytrack.importer.cells.dates import LATEST_MS
from energytrack.importer.choices import FileFinding, UnreadableFile
from energytrack.importer.content import Content

MODE: Final = "failure"
LONGEST_STEPS: Final = 1_000_000
"""The longest life: a larger number is not a number of steps."""


def run_to_failure(content: Content, after: Sequence[float] | None = None) -> Content:
    """The content with a failure of each machine at its last reading, or a number of steps `after` it.

    `after` has the order of the machines in the file. Raises UnreadableFile.
    """
    machines = [machine for machine, signals in content.signals.items() if len(signals)]
    if not machines:
        raise UnreadableFile(content.name, "it holds no readings, so nothing says when a machine failed")
    if after is not None and len(after) != len(machines):
        raise UnreadableFile(content.name, f"it has {len(machines)} machines, and the list of lives {len(after)} lines")
    failures: list[DeviceEvent] = []
    for place, machine in enumerate(machines):
        failed_ms = _failed_ms(content, machine, 0.0 if after is None else after[place])
        at = datetime.fromtimestamp(failed_ms / 1000, UTC)
        key = imported_event_id("failure", machine, failed_ms, MODE)
        failures.append(Failure(event_id=key, device_id=machine, timestamp=at, mode=MODE))
    when = "at its last reading" if after is None else "as long after its last reading as the list says"
    found = FileFinding("failures", str(len(failures)), f"each machine failed {when}, as given")
    events = sorted((*content.events, *failures), key=lambda event: event.timestamp)
    return replace(content, events=tuple(events), findings=(*content.findings, found))


def _failed_ms(content: Content, machine: str, steps: float) -> int:
    at_ms = content.signals[machine].at_ms
    last_ms = int(at_ms[-1])
    if steps == 0.0:
        return last_ms
    if len(at_ms) == 1:
        raise UnreadableFile(content.name, f"{machine} has only one reading, so nothing says how long a step is")
    failed_ms = last_ms + round(steps * float(np.median(np.diff(at_ms))))
    if failed_ms >= LATEST_MS:
        raise UnreadableFile(content.name, f"{machine} would fail in the far future, {steps:g} steps after its end")
    return failed_ms


def lives_in(path: Path) -> tuple[float, ...]:
    """The number of steps that each machine ran after its last row, one per line. Raises UnreadableFile."""
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8-sig").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableFile(path.name, f"it cannot be read: {error}") from error
    for number, line in enumerate(lines, 1):
        if not (line.isdecimal() and int(line) <= LONGEST_STEPS):
            raise UnreadableFile(path.name, f"line {number}: expected a number of steps, got {line[:40]!r}")
    return tuple(float(line) for line in lines)
