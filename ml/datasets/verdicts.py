"""What technicians found behind alarms, as labels: failures that were prevented, and alarms that were false.

Where a machine was repaired in time there is no failure on record, and a model trained on failures alone would learn
that such an alarm was wrong. A verdict "true" puts that right. A verdict "false" says: this, too, is sound operation.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from energytrack.messages import DeviceEvent, Failure, MaintenanceDone, MaintenanceStarted
from energytrack.recording import Label
from energytrack.store.operations.alarms import LogEntry

RULES: Final = frozenset({"FailureRiskHigh", "FailureRiskCritical"})
"""The alarms that say what the model says; verdicts on others do not tell whether it was right."""
PREVENTED: Final = "prevented"
"""The mode of a failure that did not happen."""


@dataclass(frozen=True)
class VerdictLabels:
    """What verdicts add to a history."""

    prevented: tuple[Failure, ...] = ()
    """Only labels come from these: no feature knows of them, as no live window would."""
    sound: tuple[Label, ...] = ()
    """Stretches of alarms that were false."""


def labels_from_verdicts(
    verdicts: Iterable[LogEntry], events: Iterable[DeviceEvent], *, horizon: timedelta
) -> VerdictLabels:
    """What verdicts add to events.

    A failure within the horizon speaks for itself, whatever anybody found. An alarm that was right without one
    prevented a failure: when work on the machine began, or else when the verdict was given. Nothing is added twice.
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
