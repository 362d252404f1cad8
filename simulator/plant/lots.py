"""Finished parts as events: what a manufacturing execution system reports of machines without a counter. Pure.

A lot is reported at each full interval of a line (`lot_minutes`), some before anybody looked for rejected parts:
the next interval brings their correction. Together they say what the machine has made.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
from msgspec import Struct

from energytrack.events import LONGEST_LOT, PartsCorrected, PartsFinished
from simulator.machines.arrays import Bools, Floats
from simulator.machines.chance import LOTS, generator
from simulator.machines.fleet import FleetConstants
from simulator.machines.output import Output
from simulator.plant.events import EventContext, event_id, moment

UNINSPECTED: Final = 0.1
"""The share of lots with rejected parts that are reported without these at first."""
HOUR_MS: Final = 3_600_000.0
"""An interval without parts is reported once in that time: between two events, none means that no part was finished."""


class Lots(Struct, frozen=True, eq=False):
    """What was last reported of each machine, one element per device."""

    parts: Floats
    """Its counters at that moment; NaN before the first."""
    scrap: Floats
    at_ms: Floats
    """When that was; NaN before the first."""
    open_ms: Floats
    """When the lot was reported that waits for its correction; NaN where none does."""
    open_parts: Floats
    """What was in truth made in it."""
    open_scrap: Floats


def none_reported(devices: int) -> Lots:
    """Before the first event."""
    return Lots(*(np.full(devices, np.nan) for _ in Lots.__struct_fields__))


def step(
    state: Lots, made: Output, *, fleet: FleetConstants, before_ms: int, occasion: EventContext
) -> tuple[Lots, list[PartsFinished | PartsCorrected]]:
    """What is reported at this moment; nothing of what was made before a machine's first interval begins."""
    now = occasion.at_ms
    due = _passes(fleet.lot_ms, before_ms, now)
    if not due.any():
        return state, []
    hourly = _passes(np.full(len(fleet), HOUR_MS), before_ms, now)
    parts, scrap = made.parts - state.parts, made.scrap - state.scrap
    reported = due & (now - state.at_ms <= LONGEST_LOT.total_seconds() * 1000.0) & ((parts > 0) | hourly)
    drawn = generator(occasion.seed, LOTS, at_ms=now).random(len(fleet))
    late = reported & (scrap > 0) & (drawn < UNINSPECTED)
    corrected = due & np.isfinite(state.open_ms)
    events: list[PartsFinished | PartsCorrected] = [
        *_corrections(state, corrected, occasion),
        *_lots(state, parts, np.where(late, 0.0, scrap), reported, occasion),
    ]
    return Lots(
        parts=np.where(due, made.parts, state.parts),
        scrap=np.where(due, made.scrap, state.scrap),
        at_ms=np.where(due, float(now), state.at_ms),
        open_ms=np.where(late, float(now), np.where(corrected, np.nan, state.open_ms)),
        open_parts=np.where(late, parts, state.open_parts),
        open_scrap=np.where(late, scrap, state.open_scrap),
    ), events


def _passes(interval_ms: Floats, before_ms: int, now_ms: int) -> Bools:
    """Whether an interval of the clock ends between two moments; none of infinite length does."""
    return np.asarray(before_ms // interval_ms < now_ms // interval_ms)


def _lots(
    state: Lots, parts: Floats, scrap: Floats, reported: Bools, occasion: EventContext
) -> Iterator[PartsFinished]:
    for device in np.flatnonzero(reported).tolist():
        yield PartsFinished(
            parts=float(parts[device]), scrap=float(scrap[device]), since=moment(int(state.at_ms[device])),
            **occasion.head(device, "parts_finished"),
        )  # fmt: skip


def _corrections(state: Lots, which: Bools, occasion: EventContext) -> Iterator[PartsCorrected]:
    for device in np.flatnonzero(which).tolist():
        device_id = occasion.devices[device].device_id
        yield PartsCorrected(
            corrects=event_id(int(state.open_ms[device]), str(occasion.seed), device_id, "parts_finished"),
            parts=float(state.open_parts[device]), scrap=float(state.open_scrap[device]),
            **occasion.head(device, "parts_corrected"),
        )  # fmt: skip
