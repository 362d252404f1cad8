"""The last values of a machine: a value that a message lacks is held for a while. Pure.

Thus the parts of a machine that arrive half a second apart make one machine with all its sensors. An absent field was
not sent; a null one is a lost sensor.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from energytrack.messages import Reading

Value = float | str | None
FORGET: Final = timedelta(minutes=1)
"""A field that was not sent for this long, or for the hold time if that is longer, is no longer expected."""
MOST_PARTS: Final = 100
PART: Final = timedelta(milliseconds=1)
SIGNAL: Final = "signals."
"""Prefix of a further signal's name."""
_REQUIRED: Final = frozenset({"temperature", "pressure", "current"})


class LastValues:
    """The last value of each field of one machine, and when it was sent."""

    __slots__ = ("_at", "_fields", "_parts")

    def __init__(self, before: Reading | None) -> None:
        """`before` is the last complete reading; all of its fields were sent together."""
        self._fields: dict[str, tuple[datetime, Value]] = {}
        self._at: datetime | None = None
        self._parts: list[frozenset[str]] = []
        if before is not None:
            fields = fields_of(before)
            self._fields = {name: (before.timestamp, value) for name, value in fields.items()}
            self._at, self._parts = before.timestamp, [frozenset(fields)]

    def completed(self, sent: Mapping[str, Value], at: datetime, hold: timedelta) -> dict[str, Value]:
        """The fields that are known at `at`: those sent now, and those sent within `hold` before."""
        complete = dict(sent)
        for name, (since, value) in list(self._fields.items()):
            if name not in complete and timedelta() <= at - since <= hold:
                complete[name] = value
            if at - since > max(hold, FORGET):
                del self._fields[name]
        for name, value in sent.items():
            before = self._fields.get(name)
            if before is None or at >= before[0]:
                self._fields[name] = (at, value)
        return complete

    def timestamp_of_part(self, sent: Mapping[str, Value], at: datetime) -> datetime:
        """A timestamp of its own for each part of a machine: those of one second differ by a millisecond each.

        A reading counts once by its machine and timestamp, so that the second part would be taken for a repetition of
        the first. A part that is really repeated gets its first timestamp again.
        """
        part = frozenset(sent)
        if at != self._at:
            if self._at is None or at > self._at:
                self._at, self._parts = at, [part]
            return at
        if part not in self._parts and len(self._parts) < MOST_PARTS:
            self._parts.append(part)
        return at + PART * (self._parts.index(part) if part in self._parts else 0)

    def is_complete(self, sent: Mapping[str, Value]) -> bool:
        """Whether a message has every field that this machine is known to send, and all that a reading must have."""
        return sent.keys() >= _REQUIRED and self._fields.keys() <= sent.keys()


def fields_of(reading: Reading) -> dict[str, Value]:
    """The fields of a reading that are known to have been sent."""
    fields: dict[str, Value] = {
        "temperature": reading.temperature,
        "pressure": reading.pressure,
        "current": reading.current,
    }
    for name in ("energy_kwh", "state", "device_type", "line", "parts", "scrap"):
        if (value := getattr(reading, name)) is not None:
            fields[name] = value
    fields.update({SIGNAL + name: value for name, value in reading.signals.items()})
    return fields


def lacks(reading: Reading, before: Reading) -> bool:
    """Whether a reading lacks a field of the one before, and may have to be completed from it."""
    return (
        (reading.state is None and before.state is not None)
        or (reading.energy_kwh is None and before.energy_kwh is not None)
        or (reading.parts is None and before.parts is not None)
        or (reading.scrap is None and before.scrap is not None)
        or len(reading.signals) < len(before.signals)
    )
