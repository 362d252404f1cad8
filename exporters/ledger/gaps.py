"""Each machine's unknown time, including the time since its last reading. Pure.

The meter reports a gap when the next reading arrives; until then, the time since the last reading is not in the ledger.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Final

from msgspec.structs import replace

from energytrack.ledger.presence import Presence, shares_of
from energytrack.ledger.sums import NOTHING, EnergySums
from energytrack.plant import Place

EARLIEST: Final = 946_684_800.0
"""The year 2000; queries without a start begin here."""

PeriodEnergy = tuple[str, Place, date, EnergySums]
"""A machine, its line and type, the first day of the period, and its sums."""
Spans = Mapping[date, tuple[float, float]]
"""The beginning and end of each period by its first day, in seconds since the epoch."""

_SumsByPlace = dict[tuple[str, date], dict[Place, EnergySums]]
"""By machine and period."""


def with_gaps(
    found: Iterable[PeriodEnergy], spans: Spans, presences: Mapping[str, Presence], place_of: Callable[[str], Place]
) -> Iterator[PeriodEnergy]:
    """The periods with their unknown time, as the API and the pages show it.

    `place_of` gives the line and type of a machine without any data in a period.
    """
    by_period = _by_period(found)
    _add_silent_periods(by_period, spans, presences, place_of)
    for (device_id, period), places in by_period.items():
        there = presences.get(device_id)
        seconds = {place: sums.known_seconds + sums.unknown_seconds for place, sums in places.items()}
        missing = shares_of(0.0 if there is None else there.seconds(*spans[period]), seconds)
        for place, sums in places.items():
            gap = missing[place]
            yield (
                device_id, place, period,
                replace(sums, unknown_seconds=sums.unknown_seconds + gap) if gap else sums,
            )  # fmt: skip


def _by_period(found: Iterable[PeriodEnergy]) -> _SumsByPlace:
    by_period: _SumsByPlace = defaultdict(dict)
    for device_id, place, period, sums in found:
        places = by_period[device_id, period]
        places[place] = places[place] + sums if place in places else sums
    return by_period


def _add_silent_periods(
    by_period: _SumsByPlace, spans: Spans, presences: Mapping[str, Presence], place_of: Callable[[str], Place]
) -> None:
    """Add periods in which a machine was present without any data, if its first day is known."""
    for device_id, presence in presences.items():
        if presence.since <= EARLIEST:
            continue
        for period, span in spans.items():
            if (device_id, period) not in by_period and presence.seconds(*span):
                by_period[device_id, period][place_of(device_id)] = NOTHING
