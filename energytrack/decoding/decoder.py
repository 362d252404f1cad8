"""The decoder of readings: one for all services that read them, so that all get the same result.

Nearly every message is one that our own services could have sent: it is decoded in one step (`decode`). All others go
through `carefully`: a reading is refused only if its machine or its time cannot be parsed, an unusable value is unknown
and reported, and missing fields are completed from earlier messages.
"""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from energytrack.decoding.decoded import Decoded, FieldProblem
from energytrack.decoding.fields import FieldValues, device_of, reading_of, timestamp_of
from energytrack.decoding.last_values import LastValues, lacks
from energytrack.decoding.parsing import NO_CORRECTIONS, check_device_id, in_time, with_content
from energytrack.errors import ClockAhead, MalformedMessage
from energytrack.fields import EARLIEST, READING_AHEAD, State
from energytrack.messages import MAX_MESSAGE_BYTES, Reading

HOLD: Final = timedelta(seconds=10)
MOST_DEVICES: Final = 100_000
"""How many machines' last readings are remembered. If invented ids flood it, all are forgotten, to limit memory."""

Correction = Callable[[datetime, datetime], datetime]
"""From a machine's timestamp and the current time to the correct timestamp."""


class ReadingDecoder:
    """Remembers the last values of each machine; used by one thread."""

    def __init__(
        self,
        *,
        ahead: timedelta = READING_AHEAD,
        hold: timedelta = HOLD,
        corrections: Mapping[str, Correction] = NO_CORRECTIONS,
        zoned: frozenset[str] = frozenset(),
        local: Correction | None = None,
        states: Mapping[str, State] | None = None,
        states_of: Mapping[str, Mapping[str, State]] | None = None,
    ) -> None:
        """`corrections` correct clocks; for machines in `zoned` they also interpret times without a zone.

        `local` does that for all other machines, if the plant file has a zone for them. `states` are the aliases of
        states, `states_of` those of single machines.
        """
        self._decode: Callable[[bytes], Reading] = msgspec.json.Decoder(Reading).decode
        self._ahead = ahead
        self._hold = hold
        self._corrections = corrections
        self._zoned = zoned
        self._local = local
        self._states = _lower(states or {})
        self._states_of = {name: self._states | _lower(own) for name, own in (states_of or {}).items()}
        self._last: dict[str, Reading] = {}
        self._in_parts: dict[str, LastValues] = {}
        """Machines that send their values in several messages."""
        self._unusual = set(corrections)
        """Machines whose messages never take the fast path: those, and those whose clocks are corrected."""
        self._now, self._latest = datetime.min.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)
        """The time now, and the latest that a timestamp may be."""

    def decode(self, raw: bytes | None, now: datetime) -> Reading | Decoded:
        """Decode bytes into a reading, or several, with the values that cannot be used; raises MalformedMessage."""
        try:
            if len(raw) > MAX_MESSAGE_BYTES:  # type: ignore[arg-type]  # None is a TypeError
                return self.carefully(raw, now)  # which refuses it before it unfolds in memory
            reading = self._decode(raw)  # type: ignore[arg-type]
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, TypeError):
            return self.carefully(raw, now)
        if now is not self._now:
            self._now, self._latest = now, now + self._ahead
        device_id, timestamp = reading.device_id, reading.timestamp
        before = self._last.get(device_id)
        if before is None:
            before = reading
            if len(self._last) >= MOST_DEVICES:
                self._forget()
            try:
                check_device_id(device_id)
            except MalformedMessage:
                return self.carefully(raw, now)
        if (
            timestamp.tzinfo is not UTC
            or device_id in self._unusual
            or not EARLIEST <= timestamp <= self._latest
            or (
                (
                    reading.state is None
                    or reading.energy_kwh is None
                    or before.signals
                    or before.parts is not None
                    or before.scrap is not None
                )
                and lacks(reading, before)
            )
        ):
            return self.carefully(raw, now)
        self._last[device_id] = reading
        return reading

    def carefully(self, raw: bytes | None, now: datetime) -> Reading | Decoded:
        """The same for messages of any shape."""
        content = loaded(with_content(raw))
        if isinstance(content, dict):
            reading, problems = self._reading(content, now)
            return Decoded((reading,), tuple(problems)) if problems else reading
        readings: list[Reading] = []
        all_problems: list[FieldProblem] = []
        refused: list[MalformedMessage] = []
        for i, each in enumerate(content):
            try:
                if not isinstance(each, dict):
                    raise _no_object(each)
                reading, problems = self._reading(each, now)
            except ClockAhead as error:
                refused.append(error)
            except MalformedMessage as error:
                refused.append(MalformedMessage(error.reason, f"reading {i + 1} of {len(content)}: {error.detail}"))
            else:
                readings.append(reading)
                all_problems.extend(problems)
        return Decoded(tuple(readings), tuple(all_problems), tuple(refused))

    def _reading(self, fields: Mapping[str, Any], now: datetime) -> tuple[Reading, list[FieldProblem]]:
        device_id = device_of(fields)
        at = self._time(fields, device_id, now)
        values = FieldValues(fields, device_id, self._states_of.get(device_id, self._states))
        sent = values.sent
        last_values = self._in_parts.get(device_id)
        if last_values is None:
            if len(self._in_parts) >= MOST_DEVICES or len(self._last) >= MOST_DEVICES:
                self._forget()
            last_values = self._in_parts[device_id] = LastValues(self._last.get(device_id))
            self._unusual.add(device_id)
        complete = last_values.completed(sent, at, self._hold)
        reading = reading_of(device_id, last_values.timestamp_of_part(sent, at), complete)
        if last_values.is_complete(sent):
            del self._in_parts[device_id]
            if device_id not in self._corrections:
                self._unusual.discard(device_id)
            self._last[device_id] = reading
        return reading, values.problems

    def _forget(self) -> None:
        self._in_parts.clear()
        self._last.clear()
        self._unusual = set(self._corrections)

    def _time(self, fields: Mapping[str, Any], device_id: str, now: datetime) -> datetime:
        def local(at: datetime) -> datetime:
            return self._local(at, now) if self._local is not None and device_id not in self._zoned else at

        has_zone = device_id in self._zoned or self._local is not None
        at = timestamp_of(fields, local if has_zone else None)
        if device_id in self._corrections:
            with suppress(OverflowError):  # a time outside the calendar is refused below
                at = self._corrections[device_id](at.astimezone(UTC), now)
        return in_time(at, device_id, now, self._ahead)


def _lower(aliases: Mapping[str, State]) -> dict[str, State]:
    return {name.strip().lower(): state for name, state in aliases.items()}


def loaded(raw: bytes) -> dict[str, Any] | list[Any]:
    """The object or array in a value: JSON, also with NaN, with a byte order mark, or with an object per line."""
    try:
        content = json.loads(raw)
    except UnicodeDecodeError as error:
        where = f"byte {error.start} is 0x{raw[error.start]:02x}" if error.start < len(raw) else str(error)
        raise MalformedMessage("not_json", f"not UTF-8 ({where}): expected JSON in UTF-8; is it Latin-1?") from error
    except json.JSONDecodeError as error:
        content = _lines(raw)
        if content is None:
            text = f"{error.msg} at character {error.pos + 1}, got {_beginning(raw)}"
            raise MalformedMessage("not_json", f"not JSON ({text}): expected an object such as {EXAMPLE}") from error
    except (ValueError, RecursionError) as error:
        raise MalformedMessage("not_json", f"not readable JSON: {error}") from error
    if isinstance(content, dict | list):
        return content
    raise _no_object(content)


EXAMPLE: Final = '{"device_id": "cnc-0007", "timestamp": "2026-11-23T10:00:00Z", "temperature": 61.4}'


def _lines(raw: bytes) -> list[Any] | None:
    """Objects, one per line; None for anything else."""
    lines = [line for line in raw.splitlines() if line.strip()]
    if len(lines) < 2:
        return None
    try:
        return [json.loads(line) for line in lines]
    except (ValueError, RecursionError):
        return None


def _beginning(raw: bytes) -> str:
    return ascii(raw[:40].decode("utf-8", errors="replace"))


def _no_object(content: object) -> MalformedMessage:
    kind = {str: "a text", bool: "true or false", int: "a number", float: "a number", list: "an array"}
    got = kind.get(type(content), "null")
    return MalformedMessage("wrong_type", f"got {got}, expected an object such as {EXAMPLE}, or an array of them")
