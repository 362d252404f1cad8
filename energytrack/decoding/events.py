"""Events from maintenance systems and gateways, with times in any unambiguous form."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from energytrack.decoding.decoded import Decoded
from energytrack.decoding.decoder import Correction, loaded
from energytrack.decoding.fields import device_of, timestamp_of
from energytrack.decoding.parsing import NO_CORRECTIONS, at_time, in_time, parse_event, with_content
from energytrack.decoding.times import time_of
from energytrack.errors import ClockAhead, MalformedMessage
from energytrack.events import PARTS_KINDS, DeviceEvent
from energytrack.fields import MAX_AHEAD, READING_AHEAD
from energytrack.messages import Message


class EventDecoder:
    """Strict about the content of an event, lenient about the form of its time; an array contains several."""

    def __init__(
        self,
        *,
        ahead: timedelta = READING_AHEAD,
        corrections: Mapping[str, Correction] = NO_CORRECTIONS,
        zoned: frozenset[str] = frozenset(),
        local: Correction | None = None,
        meters: frozenset[str] = frozenset(),
    ) -> None:
        """As for `ReadingDecoder`; `meters` are not machines, and finish no parts."""
        self._ahead = ahead
        self._corrections = corrections
        self._zoned = zoned
        self._local = local
        self._meters = meters

    def decode(self, raw: bytes | None, now: datetime) -> DeviceEvent | Decoded:
        """Decode bytes into an event, or several; raises MalformedMessage."""
        try:
            return self._of_machine(parse_event(raw, now, ahead=self._ahead, corrections=self._corrections))
        except ClockAhead:
            raise
        except MalformedMessage as malformed:
            content = loaded(with_content(raw))
            if isinstance(content, dict):
                return self._event(content, now, malformed)
        events: list[Message] = []
        refused: list[MalformedMessage] = []
        for i, each in enumerate(content):
            try:
                events.append(self._event(each, now, None))
            except MalformedMessage as error:
                refused.append(MalformedMessage(error.reason, f"event {i + 1} of {len(content)}: {error.detail}"))
        return Decoded(tuple(events), refused=tuple(refused))

    def _event(self, fields: object, now: datetime, malformed: MalformedMessage | None) -> DeviceEvent:
        if not isinstance(fields, dict):
            raise MalformedMessage("wrong_type", "Expected an object")
        device_id = device_of(fields)
        has_zone = device_id in self._zoned or self._local is not None
        local = self._local_time(device_id, now) if has_zone else None
        times = {"timestamp": timestamp_of(fields, local)}
        if fields.get("kind") == "parts_finished" and fields.get("since") is not None:
            times["since"] = time_of(fields["since"], local=local, field="since")
        if malformed is not None and malformed.reason != "bad_timestamp":
            raise malformed
        event = _converted(fields | {"device_id": device_id} | times)
        at = event.timestamp
        if device_id in self._corrections:
            at = self._corrections[device_id](at, now)
        ahead = self._ahead if isinstance(event, PARTS_KINDS) else MAX_AHEAD
        return self._of_machine(at_time(event, in_time(at, device_id, now, ahead)))

    def _of_machine(self, event: DeviceEvent) -> DeviceEvent:
        if isinstance(event, PARTS_KINDS) and event.device_id in self._meters:
            raise MalformedMessage(
                "no_machine",
                f"`device_id`: expected a machine that finishes parts, got {event.device_id!r}, a meter of [meters] in "
                "the plant file; send the event again with the id of the machine",
            )
        return event

    def _local_time(self, device_id: str, now: datetime) -> Callable[[datetime], datetime]:
        def local(at: datetime) -> datetime:
            return self._local(at, now) if self._local is not None and device_id not in self._zoned else at

        return local


def _converted(fields: Mapping[str, Any]) -> DeviceEvent:
    try:
        event: DeviceEvent = msgspec.convert(fields, type=DeviceEvent)
    except msgspec.ValidationError as error:
        reason = "missing_field" if "missing required field" in str(error) else "wrong_type"
        raise MalformedMessage(reason, str(error)) from error
    return event
