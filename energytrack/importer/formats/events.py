"""A maintenance system's list as events: failures, repairs and fault codes, each with its machine and time."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd

from energytrack.event_ids import imported_event_id
from energytrack.events import DeviceEvent, Failure, FaultCode, MaintenanceDone, MaintenanceStarted
from energytrack.importer.cells.columns import kind_of_cells, machines_of
from energytrack.importer.cells.dates import NONE
from energytrack.importer.cells.layout import TextTable
from energytrack.importer.cells.moments import clocks, moments
from energytrack.importer.cells.units import meaning
from energytrack.importer.choices import Choices, FileFinding, NotProved
from energytrack.importer.content import Content
from energytrack.importer.values.zones import in_utc

_KIND: Final = re.compile(r"^\s*(kind|type|art|event|ereignis|typ|vorgang|kategorie|category)\s*$", re.I)
_CODE: Final = re.compile(r"^\s*(code|mode|component|bauteil|komponente|st.rung|fehlercode|cause|ursache|beschreibung|"
                          r"description|text|detail)\s*$", re.I)  # fmt: skip
WORDS: Final = (
    ("maintenance_started", re.compile(r"(maintenance_started|begonnen|started|in arbeit|beginn)", re.I)),
    (
        "maintenance_done",
        re.compile(r"(maintenance|repair|reparatur|instandsetz|wartung|replaced|tausch|erledigt|done)", re.I),
    ),
    ("fault_code", re.compile(r"(fault|warning|warnung|code|alarm|meldung)", re.I)),
    ("failure", re.compile(r"(fail|ausfall|breakdown|st.rung|stillstand|defekt|panne|trip)", re.I)),
)
"""The meanings of words in a list; the first that fits counts."""
_MADE: Final[Mapping[str, Callable[[str, str, datetime, str], DeviceEvent]]] = MappingProxyType({
    "failure": lambda i, d, t, code: Failure(event_id=i, device_id=d, timestamp=t, mode=code),
    "fault_code": lambda i, d, t, code: FaultCode(event_id=i, device_id=d, timestamp=t, code=code),
    "maintenance_started": lambda i, d, t, code: MaintenanceStarted(
        event_id=i, device_id=d, timestamp=t, component=code
    ),
    "maintenance_done": lambda i, d, t, code: MaintenanceDone(event_id=i, device_id=d, timestamp=t, component=code),
})  # fmt: skip


def is_events(sheet: TextTable) -> bool:
    """Whether a sheet lists events: it has a column of kinds, with words for failures or repairs in it."""
    kind = _column(sheet, _KIND)
    return kind is not None and bool(sheet.cells[kind].iloc[:50].map(kind_of_word).notna().mean() > 0.5)


def kind_of_word(word: str) -> str | None:
    """The kind of event that a word stands for; None for other words."""
    return next((kind for kind, pattern in WORDS if pattern.search(word)), None)


def events_of(sheet: TextTable, choices: Choices, name: str, *, plant_zone: str) -> Content:
    """The events of a sheet; raises NotProved."""
    kind, code = _column(sheet, _KIND), _column(sheet, _CODE)
    kinds = [kind_of_cells(sheet.cells[i], heading) for i, heading in enumerate(sheet.headings)]
    time = next((i for what in ("moment", "date") for i, each in enumerate(kinds) if each == what), None)
    if time is None or kind is None:
        raise NotProved("time_column", "no column holds the times of the events")
    device = next((i for i, h in enumerate(sheet.headings) if i not in {kind, code, time} and meaning(h).is_id), None)
    if device is None and choices.device is None:
        raise NotProved("device", "no column names the machine of an event")
    at = moments(sheet.cells[time], choices)
    local = at.ms
    clock = next((i for i, each in enumerate(kinds) if each == "clock"), None)
    if at.midnight_only and clock is not None:
        local = np.where(local == NONE, NONE, local + np.maximum(clocks(sheet.cells[clock])[0], 0))
    findings = [*at.findings, FileFinding("shape", "events", f"{sheet.headings[kind]!r} says what happened")]
    if not at.has_zone:
        series = np.zeros(len(local), dtype=np.int64)
        empty = np.zeros(len(local), dtype=np.bool_)
        converted = in_utc(local, series, empty, choices, plant_zone=plant_zone, labels_end=False)
        local, findings = converted.ms, [*findings, *converted.findings]
    events, unknown = [], []
    machines = sheet.cells[device] if device is not None else pd.Series([choices.device] * len(local))
    names = list(dict.fromkeys(map(str, machines)))
    ids = dict(zip(names, machines_of(names, choices, name), strict=True))
    codes = sheet.cells[code] if code is not None else sheet.cells[kind]
    for ms, machine, word, text in zip(local.tolist(), machines, sheet.cells[kind], codes, strict=True):
        made = kind_of_word(word)
        if made is None or ms == NONE:
            unknown.append(word)
            continue
        device_id = ids[str(machine)]
        when = datetime.fromtimestamp(ms / 1000, UTC)
        mode = (text.strip() or "unknown")[:64]
        events.append(_MADE[made](imported_event_id(made, device_id, ms, mode), device_id, when, mode))
    if unknown:
        findings.append(
            FileFinding("rows", str(len(unknown)), f"rows of no known kind or time are left out: {unknown[0]!r}")
        )
    events.sort(key=lambda event: event.timestamp)
    return Content(name, events=tuple(events), findings=tuple(findings), rows=len(local))


def _column(sheet: TextTable, pattern: re.Pattern[str]) -> int | None:
    return next((i for i, heading in enumerate(sheet.headings) if pattern.match(heading)), None)
