"""A machine's production by day, from its ledger, its timeline and its calendar. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from msgspec import Struct

from energytrack.ledger.day import Day
from energytrack.metering.quarters import QUARTER_SECONDS
from energytrack.plant import Place
from energytrack.production.oee import NOTHING, Amounts
from energytrack.production.rules import ProductionRules
from energytrack.production.spans import Span, by_quarter, common, seconds, union, without
from energytrack.production.spells import Spell
from energytrack.production.stops import (
    ExplainedStop,
    MicroStops,
    StopExplanation,
    by_length,
    explained,
    planned_down,
    stops_of,
    within_day,
)
from energytrack.production.timeline import known_time, of_state


class MachineDay(Struct, frozen=True):
    """The production of one machine on one local day, or on several together."""

    device_id: str
    date: date
    place: Place
    amounts: Amounts
    stops: tuple[ExplainedStop, ...]
    """The stops that began on this day, each as a whole, without micro-stops."""
    stood: tuple[ExplainedStop, ...]
    """The part within this day of all of them, and of stops that began before it."""
    micro: MicroStops
    cycle_seconds: float | None
    """The ideal cycle; None if it is not known."""


class MachineHistory(Struct, frozen=True):
    """What is known of a machine in a range of days."""

    device_id: str
    place: Place
    spells: tuple[Spell, ...]
    """Its timeline, from a day before the first to a day after the last, so that stops over midnight are whole."""
    planned: tuple[Span, ...]
    """Its planned time, as far as the machine was present."""
    explanations: Sequence[StopExplanation]
    until: float
    """The end of the time that can be known."""
    cycle_seconds: float | None


def machine_days(
    records: MachineHistory, days: Iterable[tuple[date, Span, Day | None]], rules: ProductionRules
) -> Iterator[MachineDay]:
    """The production of each day; `days` have their bounds, and the ledger's day for the parts."""
    threshold = rules.stop_seconds(records.place.device_type)
    every = explained(stops_of(records.spells, records.planned, until=records.until), records.explanations, rules)
    busy = without(records.planned, union(planned_down(every)))
    good_share = rules.kind(records.place.device_type).good_share
    starts = {stop.start for stop in by_length((each.stop for each in every), threshold)[0]}
    listed = [each for each in every if each.stop.start in starts]
    for day, (start, end), ledger in days:
        micro = by_length((each.stop for each in every if start <= each.stop.start < end), threshold)[1]
        yield MachineDay(
            records.device_id, day, records.place,
            _amounts(records, common(busy, [(start, end)]), ledger, good_share),
            tuple(each for each in listed if start <= each.stop.start < end),
            within_day(listed, (start, end)), micro, records.cycle_seconds,
        )  # fmt: skip


def quarters_at_work(spells: Sequence[Spell], day: Day) -> Iterator[tuple[float, float]]:
    """Running seconds and parts of the quarter hours in which parts were counted."""
    running = by_quarter(of_state(spells, "running"), day.start, len(day))
    for index, parts in enumerate(day.parts or ()):
        if parts is not None:
            yield running[index], parts


def _amounts(records: MachineHistory, busy: Sequence[Span], ledger: Day | None, good_share: float | None) -> Amounts:
    running = of_state(records.spells, "running")
    estimated = union((each.start, each.end) for each in records.spells if each.is_estimated)
    times = Amounts(
        planned_seconds=seconds(busy),
        unknown_seconds=seconds(without(busy, known_time(records.spells))),
        running_seconds=seconds(common(busy, running)),
        estimated_seconds=seconds(common(busy, estimated)),
    )
    return times if ledger is None else times + _parts(ledger, busy, running, records.cycle_seconds, good_share)


def _parts(
    ledger: Day, busy: Sequence[Span], running: Sequence[Span], cycle: float | None, good_share: float | None
) -> Amounts:
    """Parts of the quarter hours that touch planned time, and the running time of these quarter hours."""
    total_parts = NOTHING
    scrap = ledger.scrap or (None,) * len(ledger)
    planned = by_quarter(busy, ledger.start, len(ledger))
    ran = by_quarter(running, ledger.start, len(ledger))
    for index, parts in enumerate(ledger.parts or ()):
        if parts is None or not planned[index]:
            continue
        rejected = scrap[index]
        if rejected is None and good_share is not None:
            rejected = parts * (1.0 - good_share)
        source = ledger.parts_from(index)
        total_parts += Amounts(
            parts=parts,
            parts_seconds=QUARTER_SECONDS,
            estimated_parts=parts if source == "current" else 0.0,
            estimated_parts_seconds=QUARTER_SECONDS if source == "current" else 0.0,
            counter_parts_seconds=QUARTER_SECONDS if source == "counter" else 0.0,
            event_parts_seconds=QUARTER_SECONDS if source == "events" else 0.0,
            file_parts_seconds=QUARTER_SECONDS if source == "file" else 0.0,
            counted_seconds=0.0 if cycle is None else ran[index],
            ideal_seconds=0.0 if cycle is None else cycle * parts,
            judged_parts=0.0 if rejected is None else parts,
            good_parts=0.0 if rejected is None else max(0.0, parts - rejected),
        )
    return total_parts
