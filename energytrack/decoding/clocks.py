"""How a plant's messages are decoded: with the clocks set right that are known to be wrong, and what its words mean."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from energytrack.decoding.decoded import Parser
from energytrack.decoding.decoder import Correction, ReadingDecoder
from energytrack.decoding.events import EventDecoder
from energytrack.plant import Device, Plant
from energytrack.topics import EVENTS, PARSERS, READINGS


def parsers(plant: Plant) -> Mapping[str, Parser]:
    """How each topic is decoded in a plant; each consumer has its own, as they remember what machines told last."""
    corrections = {device.device_id: _correction(device) for device in plant.devices if _is_wrong(device)}
    zoned = frozenset(device.device_id for device in plant.devices if device.clock_zone is not None)
    local = None if plant.clocks.zone is None else _corrected(ZoneInfo(plant.clocks.zone), timedelta())
    readings = ReadingDecoder(
        ahead=timedelta(minutes=plant.clocks.ahead_minutes),
        hold=timedelta(seconds=plant.messages.hold_seconds),
        corrections=corrections,
        zoned=zoned,
        local=local,
        states=plant.states,
        states_of={device.device_id: device.states for device in plant.devices if device.states},
    )
    events = EventDecoder(corrections=corrections, zoned=zoned, local=local)
    return {**PARSERS, READINGS: readings.decode, EVENTS: events.decode}


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
