"""Technicians' verdicts as labels: failures that were prevented, and false alarms.

If a machine was repaired in time, no failure is recorded, and a model trained on failures alone would learn that the
alarm was wrong. A verdict "true" corrects that. A verdict "false" labels normal operation.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from energytrack.events import DeviceEvent, Failure, MaintenanceDone, MaintenanceStarted
from energytrack.recording import Label
from energytrack.store.operations.alarms import LogEntry

RULES: Final = frozenset({"FailureRiskHigh", "FailureRiskCritical"})
"""The alarms that come from the model; verdicts on others do not show whether it was right."""
PREVENTED: Final = "prevented"
"""The mode of a failure that was prevented."""


@dataclass(frozen=True)
class VerdictLabels:
    """The events and ranges that verdicts add to a history."""

    prevented: tuple[Failure, ...] = ()
    """Used for labels only: features do not see these events, because the live window does not have them."""
    sound: tuple[Label, ...] = ()
    """Time ranges of false alarms."""


def labels_from_verdicts(
    verdicts: Iterable[LogEntry], events: Iterable[DeviceEvent], *, horizon: timedelta
) -> VerdictLabels:
    """The events and ranges that verdicts add.

    A failure within the horizon counts in any case, whatever the verdict. A true alarm without a failure prevented one:
    at the start of the maintenance, or otherwise at the time of the verdict. Nothing is added twice.
    """
    happened: dict[str, list[DeviceEvent]] = {}
    for event in events:
        if isinstance(event, (Failure, MaintenanceStarted, MaintenanceDone)):
            happened.setdefault(event.device_id, []).append(event)
    prevented: dict[tuple[str, datetime], Failure] = {}
    sound: list[Label] = []
    for entry in verdicts:
        if entry.rule not in RULES or entry.device_id is None or entry.verdict is None:
            continue
        last = entry.opened_at + horizon
        known = happened.get(entry.device_id, [])
        after = sorted((e for e in known if entry.opened_at < e.timestamp <= last), key=lambda e: e.timestamp)
        if any(isinstance(event, Failure) for event in after):
            continue
        if entry.verdict == "false_alarm":
            sound.append(Label(entry.device_id, entry.opened_at, min(entry.at, last), "sound"))
            continue
        moment = after[0].timestamp if after else min(max(entry.at, entry.opened_at), last)
        prevented[entry.device_id, moment] = Failure(
            event_id=f"verdict-{entry.entry_id}", device_id=entry.device_id, timestamp=moment, mode=PREVENTED
        )
    return VerdictLabels(tuple(prevented.values()), tuple(sound))
