"""Corrections for machines whose clocks are known to be wrong; applied when readings are parsed."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from energytrack.messages import Parser, parse_event, parse_reading
from energytrack.plant import Device, Plant
from energytrack.topics import EVENTS, PARSERS, READINGS

Correction = Callable[[datetime, datetime], datetime]
"""Takes a machine's timestamp and the current time, returns the corrected timestamp."""


def parsers(plant: Plant) -> Mapping[str, Parser]:
    """The parsers of a plant's topics: with its clock corrections, and its limit for clocks that are ahead."""
    corrections = {device.device_id: _correction(device) for device in plant.devices if _is_wrong(device)}
    ahead = timedelta(minutes=plant.clocks.ahead_minutes)
    return {
        **PARSERS,
        READINGS: partial(parse_reading, ahead=ahead, corrections=corrections),
        EVENTS: partial(parse_event, corrections=corrections),
    }


def _is_wrong(device: Device) -> bool:
    return device.clock_offset != 0.0 or device.clock_zone is not None


def _correction(device: Device) -> Correction:
    offset = timedelta(seconds=device.clock_offset)
    zone = None if device.clock_zone is None else ZoneInfo(device.clock_zone)

    def corrected(timestamp: datetime, now: datetime) -> datetime:
        if zone is None:
            return timestamp - offset
        local = timestamp.replace(tzinfo=zone)
        first, second = (local.replace(fold=fold).astimezone(UTC) - offset for fold in (0, 1))
        return (
            second if second <= now else first
        )  # in an hour that occurs twice, the latest time that is not in the future

    return corrected
