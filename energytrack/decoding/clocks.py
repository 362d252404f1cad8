"""How a plant's messages are decoded: wrong clocks are corrected, and the plant's names of states are translated."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from energytrack.decoding.decoded import Decoded, Parser
from energytrack.decoding.decoder import Correction, ReadingDecoder
from energytrack.decoding.events import EventDecoder
from energytrack.messages import Message
from energytrack.plant import Device, Plant
from energytrack.topics import EVENTS, PARSERS, READINGS

NOTHING: Final = Decoded(())


def parsers(plant: Plant, *, with_meters: bool = False) -> Mapping[str, Parser]:
    """The decoder of each topic in a plant; each consumer has its own, because they remember machines' last values.

    Plant meters are left out unless a service wants them: a service that does not know them must not take them for
    machines.
    """
    corrections = {device.device_id: _correction(device) for device in plant.devices if _is_wrong(device)}
    zoned = frozenset(device.device_id for device in plant.devices if device.clock_zone is not None)
    local = None if plant.clocks.zone is None else _corrected(ZoneInfo(plant.clocks.zone), timedelta())
    ahead = timedelta(minutes=plant.clocks.ahead_minutes)
    readings = ReadingDecoder(
        ahead=ahead,
        hold=timedelta(seconds=plant.messages.hold_seconds),
        corrections=corrections,
        zoned=zoned,
        local=local,
        states=plant.states,
        states_of={device.device_id: device.states for device in plant.devices if device.states},
    )
    events = EventDecoder(ahead=ahead, corrections=corrections, zoned=zoned, local=local,
                          meters=frozenset(plant.meters))  # fmt: skip
    decoders: Mapping[str, Parser] = {**PARSERS, READINGS: readings.decode, EVENTS: events.decode}
    if with_meters or not plant.meters:
        return decoders
    return {topic: _of_machines(decode, frozenset(plant.meters)) for topic, decode in decoders.items()}


def _of_machines(decode: Parser, meters: frozenset[str]) -> Parser:
    def decoded(raw: bytes | None, now: datetime) -> Message | Decoded:
        found = decode(raw, now)
        if not isinstance(found, Decoded):
            return NOTHING if found.device_id in meters else found
        kept = tuple(each for each in found.messages if each.device_id not in meters)
        return found if len(kept) == len(found.messages) else found._replace(messages=kept)

    return decoded


def _is_wrong(device: Device) -> bool:
    return device.clock_offset != 0.0 or device.clock_zone is not None


def _correction(device: Device) -> Correction:
    offset = timedelta(seconds=device.clock_offset)
    if device.clock_zone is not None:
        return _corrected(ZoneInfo(device.clock_zone), offset)

    def corrected(timestamp: datetime, now: datetime) -> datetime:
        del now
        return timestamp - offset

    return corrected


def _corrected(zone: ZoneInfo, offset: timedelta) -> Correction:
    def corrected(timestamp: datetime, now: datetime) -> datetime:
        local = timestamp.replace(tzinfo=zone)
        first, second = (local.replace(fold=fold).astimezone(UTC) - offset for fold in (0, 1))
        return (
            second if second <= now else first
        )  # in an hour that occurs twice, the latest time that is not in the future

    return corrected
