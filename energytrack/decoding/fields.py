"""From the fields of a JSON object to those of a reading: values that cannot be used are unknown, and named. Pure."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, Final

from energytrack.decoding import values
from energytrack.decoding.decoded import FieldProblem
from energytrack.decoding.last_values import SIGNAL, Value
from energytrack.decoding.times import EXPECTED, Local, time_of
from energytrack.decoding.values import ANY_SIGNAL, LIMITS, Unusable, quoted
from energytrack.errors import MalformedMessage
from energytrack.fields import State
from energytrack.messages import Reading

ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
SIGNAL_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_ -]{0,63}")
MOST_SIGNALS: Final = 32
_NAMES: Final = ("device_type", "line")
_OURS: Final = frozenset(Reading.__struct_fields__)


def device_of(fields: Mapping[str, Any]) -> str:
    """The machine of a message; raises MalformedMessage."""
    device_id = fields.get("device_id")
    if isinstance(device_id, int) and not isinstance(device_id, bool):
        device_id = str(device_id)
    if isinstance(device_id, str) and ID.fullmatch(device_id):
        return device_id
    expected = "expected 1 to 64 letters, digits and . _ : -, beginning with a letter or a digit, such as cnc-0007"
    if "device_id" not in fields:
        raise MalformedMessage(
            "missing_field", f"there is no device_id ({_has(fields)}): {expected} - at `$.device_id`"
        )
    raise MalformedMessage("wrong_type", f"got {quoted(device_id)}, {expected} - at `$.device_id`")


def timestamp_of(fields: Mapping[str, Any], local: Local | None) -> datetime:
    """The timestamp of a message; raises MalformedMessage."""
    if "timestamp" not in fields:
        raise MalformedMessage(
            "missing_field", f"there is no timestamp ({_has(fields)}): {EXPECTED} - at `$.timestamp`"
        )
    return time_of(fields["timestamp"], local=local)


class FieldValues:
    """The values of a message in the form of a reading, and which of them cannot be used.

    Null and unusable values are None: the sensor is lost, or its value not known. Absent fields are left out.
    """

    def __init__(self, fields: Mapping[str, Any], device_id: str, aliases: Mapping[str, State]) -> None:
        self.sent: dict[str, Value] = {}
        self.problems: list[FieldProblem] = []
        self._device_id = device_id
        for field, limits in LIMITS.items():
            if field in fields:
                self._take(field, partial(values.number, fields[field], limits))
        if "state" in fields:
            self._take("state", partial(values.state, fields["state"], aliases))
        for field in _NAMES:
            if field in fields:
                self._take(field, partial(values.name, fields[field]))
        self._take_signals(fields.get("signals") or {})
        if not self.sent and not self.problems:
            self._bad("reading", f"no known field was sent ({_has(fields)}): expected temperature, pressure, …")

    def _take(self, name: str, read: Callable[[], Value], *, field: str | None = None) -> None:
        try:
            self.sent[name] = read()
        except Unusable as problem:
            self.sent[name] = None
            self._bad(field or name, problem, path=name)

    def _take_signals(self, signals: object) -> None:
        if not isinstance(signals, dict):
            self._bad("signals", f'got {quoted(signals)}, expected an object such as {{"vibration": 2.31}}')
            return
        if len(signals) > MOST_SIGNALS:
            self._bad("signals", f"got {len(signals)} signals, expected at most {MOST_SIGNALS}: the rest is left out")
        for name, value in list(signals.items())[:MOST_SIGNALS]:
            if SIGNAL_NAME.fullmatch(name):
                self._take(SIGNAL + name, partial(values.number, value, ANY_SIGNAL), field="signals")
            else:
                expected = "expected letters, digits, _, - and blanks, a letter first"
                self._bad("signals", f"got the name {quoted(name)}, {expected}")

    def _bad(self, field: str, problem: object, *, path: str = "") -> None:
        self.problems.append(FieldProblem(self._device_id, field, f"{problem} - at `$.{path or field}`"))


def reading_of(device_id: str, at: datetime, fields: Mapping[str, Any]) -> Reading:
    """A reading with the known fields of a machine."""
    return Reading(
        device_id=device_id,
        timestamp=at,
        temperature=fields.get("temperature"),
        pressure=fields.get("pressure"),
        current=fields.get("current"),
        device_type=fields.get("device_type"),
        line=fields.get("line"),
        energy_kwh=fields.get("energy_kwh"),
        state=fields.get("state"),
        parts=fields.get("parts"),
        scrap=fields.get("scrap"),
        signals={name.removeprefix(SIGNAL): value for name, value in fields.items() if name.startswith(SIGNAL)},
    )


def _has(fields: Mapping[str, Any]) -> str:
    names = [name for name in fields if name not in _OURS][:8]
    return f"its other fields: {', '.join(map(quoted, names))}" if names else "it has no other fields"
