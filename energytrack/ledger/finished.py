"""Parts that events report (`parts_finished`), by quarter hour. Pure.

A quarter hour is computed from all events of its time, whenever and however often they arrived. A quarter hour without
an event depends on its neighbours: between two events on the same day, or on successive days, no part was finished. A
day without any event is unknown.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from energytrack.ledger.day import Day
from energytrack.ledger.parts import spread


class Lot(Struct, frozen=True, gc=False):
    """Parts that were finished together, with corrections applied."""

    since: float
    """When work on them began; the same as `at` if that is not reported. Seconds since the epoch, like `at`."""
    at: float
    parts: float
    scrap: float | None = None
    """The rejected ones among them; None if unknown."""

    def quarters(self) -> Iterator[float]:
        """The quarter hours in which they were made, by their starts."""
        return (start for start, _ in spread(1.0, self.since, self.at))


class QuarterParts(NamedTuple):
    """The parts that events report for a quarter hour."""

    parts: float
    scrap: float | None


def by_quarter(lots: Iterable[Lot], wanted: Iterable[float]) -> Mapping[float, QuarterParts | None]:
    """For each wanted quarter hour, by its start, the parts of all lots together; None if it has no event.

    Lots must always be in the same order, so that the sum is identical to the last bit.
    """
    found: dict[float, QuarterParts | None] = dict.fromkeys(wanted)
    for lot in lots:
        scrap = dict(_shares(lot.scrap, lot))
        for start, parts in _shares(lot.parts, lot):
            if start not in found:
                continue
            before = found[start] or QuarterParts(0.0, None)
            lot_scrap = scrap.get(start)
            rejected = before.scrap if lot_scrap is None else (before.scrap or 0.0) + lot_scrap
            found[start] = QuarterParts(before.parts + parts, rejected)
    return found


def with_finished(day: Day) -> Day:
    """The day with the parts of events in the quarter hours without a count of its own; idempotent.

    If any event of a day reports rejected parts, events of that day without them had none.
    """
    finished = day.finished_parts
    if finished is None:
        return day
    known = _known(finished, day)
    own = day.parts or (None,) * len(day)
    places = tuple(index for index in known if own[index] is None or index in day.parts_finished)
    day = replace(day, parts_finished=places)
    parts = _filled(day.parts, finished, known)
    if day.finished_scrap is None:
        return replace(day, parts=parts)
    return replace(day, parts=parts, scrap=_filled(day.scrap, day.finished_scrap, known))


def _shares(amount: float | None, lot: Lot) -> Iterator[tuple[float, float]]:
    if amount:
        yield from spread(amount, lot.since, lot.at)
    elif amount is not None:
        yield from ((start, 0.0) for start in lot.quarters())


def _known(finished: Sequence[float | None], day: Day) -> range:
    """The quarter hours covered by events, including those between them."""
    reported = [index for index, parts in enumerate(finished) if parts is not None]
    if not reported:
        return range(0)
    first = 0 if day.finished_before else reported[0]
    return range(first, len(day) if day.finished_after else reported[-1] + 1)


def _filled(
    own: Sequence[float | None] | None, finished: Sequence[float | None], known: range
) -> tuple[float | None, ...]:
    counted = own or (None,) * len(finished)
    return tuple(
        (finished[index] or 0.0) if value is None and index in known else value for index, value in enumerate(counted)
    )
