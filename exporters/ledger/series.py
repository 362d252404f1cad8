"""The ledger's days, months and quarter hours as series, for as many years as it keeps them.

Prometheus keeps the live view for some weeks; it asks for these series here (`remote_read` in prometheus.yml). So
PromQL and panels reach back as far as the ledger does, and show people's decisions at once.

A day's sample is at noon, a month's at noon of its first day, both in plant time: `last_over_time(…[1d] offset -1d)` at
the midnight before finds it, even when clocks change. A quarter hour's sample is at its end. A query that ends within
the day or month and does not include that noon finds the sample at its own end, if it is an instant query or reaches up
to now: so at any instant a series has the value of its day, and the present day is never missing. Any other window has
a day if it has its noon. The days before a day are series of their own: days have 23 to 25 hours, so no window of fixed
length is yesterday at every hour of today.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time
from typing import Final, NamedTuple

from energytrack.clock import Clock
from energytrack.ledger.local_days import ONE_DAY, date_at, dates, last_of_month, midnight, utc
from energytrack.ledger.presence import presences
from energytrack.ledger.rollup import DaySums
from energytrack.ledger.sums import EnergySums, total
from energytrack.metering.quarters import QUARTER_SECONDS
from energytrack.plant import Place, Plant
from energytrack.samples import Series
from energytrack.store import Store
from exporters.ledger.baseline_series import BASELINE_DAY, BaselineSeries
from exporters.ledger.gaps import EARLIEST, PeriodEnergy, Spans, with_gaps
from exporters.ledger.machine_families import (
    DAY,
    MACHINE_FAMILIES,
    MONTH,
    PREVIOUS_DAY,
    PREVIOUS_WEEK,
    QUARTER,
    SINCE,
    value_of,
)
from exporters.ledger.meter_series import METER_DAY, METER_FAMILIES, METER_QUARTER, OF_METERS_ALONE, MeterSeries
from exporters.ledger.remote_read import QueryTooLarge, Question
from exporters.metrics.families import Family

FAMILIES: Final = (*MACHINE_FAMILIES, *METER_FAMILIES, *BASELINE_DAY.values())
SOURCE: Final = "ledger"
"""The label `source` of every series here; Prometheus queries only selectors with it."""
NOW_WITHIN_MS: Final = 600_000
"""A query that ended this long ago is still about the present: panels query whole minutes."""
MOST_QUARTER_DAYS: Final = 3000
"""Machines times days that one query for quarter hours may cover: ten days of 300 machines."""
MOST_METER_DAYS: Final = 10_000
"""The same for a query about meters above them: a month of 300 machines."""


class _SampledEnergy(NamedTuple):
    """A machine's energy at one sample."""

    device_id: str
    place: Place
    at_ms: int
    sums: EnergySums


class LedgerSeries:
    """Answers Prometheus' queries about the ledger."""

    def __init__(self, store: Store, plant: Plant, clock: Clock) -> None:
        self._store = store
        self._plant = plant
        self._clock = clock
        self._meters = MeterSeries(store, plant)
        self._baselines = BaselineSeries(store, plant, clock)

    def answer(self, question: Question) -> list[Series]:
        """The series that a query selects; raises TooMuch, StoreUnavailable."""
        answer: list[Series] = []
        for families, sampled in (
            (DAY, self._days),
            (PREVIOUS_DAY, lambda question: self._days_before(question, 1)),
            (PREVIOUS_WEEK, lambda question: self._days_before(question, 7)),
            (MONTH, self._months),
            (QUARTER, self._quarters),
        ):
            if requested := _asked_for(question, families):
                answer += _series(question, requested, sampled(question))
        if requested := _asked_for(question, SINCE):
            answer += self._known_since(question, requested["since"])
        for families in (METER_DAY, METER_QUARTER):
            if self._plant.meters and (requested := _asked_for(question, families)):
                answer += self._of_meters(question, requested)
        if requested := _asked_for(question, BASELINE_DAY):
            answer += self._baselines.series(
                question,
                requested,
                *self._dates(question),
                lambda day: self._sample_ms(question, day, day),
                source=SOURCE,
            )
        return answer

    def _of_meters(self, question: Question, requested: Mapping[str, Family]) -> Iterator[Series]:
        meters = [
            meter_id
            for meter_id in self._plant.meters
            if self._meters.is_asked_for(question, requested, meter_id, source=SOURCE)
        ]
        if not meters:
            return iter(())
        first, last = self._dates(question)
        now, days = self._clock.now(), (last - first).days + 1
        compared = not OF_METERS_ALONE.issuperset(requested)
        machines = self._meters.reader.machines(now, meters) if compared else 0
        if machines * days > MOST_METER_DAYS:
            raise QueryTooLarge(f"meters above {machines} machines and {days} days are too much for one response")
        found = self._meters.reader.days(first, last, now=now, meters=meters, compared=compared)
        return self._meters.series(
            question, requested, found, lambda day: self._sample_ms(question, day, day), source=SOURCE
        )

    def _days(self, question: Question) -> Iterator[_SampledEnergy]:
        first, last = self._dates(question)
        zone = self._plant.zone
        at = {day: self._sample_ms(question, day, day) for day in dates(first, last)}
        spans = {day: (midnight(day, zone), midnight(day + ONE_DAY, zone)) for day in at}
        found = ((each.device_id, each.place, each.date, each.sums) for each in self._day_sums(question, first, last))
        for device_id, place, day, sums in self._with_gaps(found, spans, question):
            yield _SampledEnergy(device_id, place, at[day], sums)

    def _days_before(self, question: Question, count: int) -> Iterator[_SampledEnergy]:
        """The total of the `count` days before each day, at the day's sample."""
        first, last = self._dates(question)
        at = {day: self._sample_ms(question, day, day) for day in dates(first, last)}
        sums: dict[tuple[str, Place, date], EnergySums] = {}
        for each in self._day_sums(question, first - count * ONE_DAY, last - ONE_DAY):
            for ahead in range(1, count + 1):
                key = (each.device_id, each.place, each.date + ahead * ONE_DAY)
                if key[2] in at:
                    sums[key] = sums[key] + each.sums if key in sums else each.sums
        for (device_id, place, day), before in sums.items():
            yield _SampledEnergy(device_id, place, at[day], before)

    def _known_since(self, question: Question, family: Family) -> Iterator[Series]:
        """Since when each machine of a day and of the week before it is known, at the sample of each day."""
        first, last = self._dates(question)
        named = _requested_machine(question)
        spans = self._store.meters.reading_spans(named)
        seen: dict[tuple[str, Place], set[date]] = defaultdict(set)
        for each in self._store.rollups.days(first - 7 * ONE_DAY, last, device_ids=named):
            seen[each.device_id, each.place].update(dates(max(first, each.date), min(last, each.date + 7 * ONE_DAY)))
        for (device_id, place), days in seen.items():
            labels = {"__name__": family.name, **_labels(device_id, place)}
            since = spans[device_id].since if device_id in spans else None
            if since is None or not all(matcher.holds(labels) for matcher in question.matchers):
                continue
            at = (self._sample_ms(question, day, day) for day in sorted(days))
            samples = [(ms, since) for ms in at if question.start_ms <= ms <= question.end_ms]
            if samples:
                yield Series(labels, samples)

    def _months(self, question: Question) -> Iterator[_SampledEnergy]:
        """Months from the ledger's sums, or from their days if they have decisions of people."""
        first, last = self._dates(question)
        first, last = first.replace(day=1), last_of_month(last)
        decided = {(device_id, day.year, day.month) for device_id, day in self._decided(first, last)}
        again: dict[tuple[str, int, int, Place], list[EnergySums]] = defaultdict(list)
        if decided:
            for day in self._day_sums(question, first, last):
                if (day.device_id, day.date.year, day.date.month) in decided:
                    again[day.device_id, day.date.year, day.date.month, day.place].append(day.sums)
        zone = self._plant.zone
        begins = sorted({day.replace(day=1) for day in dates(first, last)})
        spans = {day: (midnight(day, zone), midnight(last_of_month(day) + ONE_DAY, zone)) for day in begins}
        found = (
            (
                each.device_id, each.place, date(each.year, each.month, 1),
                each.sums if (days := again.get((each.device_id, each.year, each.month, each.place))) is None
                else total(days),
            )
            for each in self._store.rollups.months(first, last, device_ids=_requested_machine(question))
        )  # fmt: skip
        for device_id, place, begun, sums in self._with_gaps(found, spans, question):
            at = self._sample_ms(question, begun, last_of_month(begun))
            yield _SampledEnergy(device_id, place, at, sums)

    def _with_gaps(self, found: Iterable[PeriodEnergy], spans: Spans, question: Question) -> Iterator[PeriodEnergy]:
        """The periods, with their unknown time if the query selects that."""
        if not any(_is_asked_for(question, each["unknown_seconds"]) for each in (DAY, MONTH)):
            return iter(found)
        there = presences(
            self._store.meters.reading_spans(_requested_machine(question)),
            self._store.machines.retired_at(),
            now=self._clock.now(),
        )
        return with_gaps(found, spans, there, self._plant.place)

    def _quarters(self, question: Question) -> Iterator[_SampledEnergy]:
        first, last = self._dates(question)
        named = _requested_machine(question)
        machines = sorted(
            named if named is not None else {*self._store.devices.ids(), *self._store.meters.reading_spans()}
        )
        days = (last - first).days + 1
        if len(machines) * days > MOST_QUARTER_DAYS:
            raise QueryTooLarge(
                f"quarter hours of {len(machines)} machines and {days} days are too many for one response: ask for a "
                f"machine, for less time, or for days (energytrack_ledger_day_kwh)"
            )
        for day in self._store.ledger.days(machines, first, last):
            place = Place(day.device_type, day.line)
            for index in range(len(day)):
                at = day.start + (index + 1) * QUARTER_SECONDS
                yield _SampledEnergy(day.device_id, place, round(at * 1000), day.sums(index, index + 1))

    def _day_sums(self, question: Question, first: date, last: date) -> Iterator[DaySums]:
        days = self._store.rollups.days(first, last, device_ids=_requested_machine(question))
        decided = self._decided(first, last)
        if not decided:
            yield from days
            return
        for each in days:
            key = (each.device_id, each.date)
            day = self._store.ledger.day(*key) if key in decided else None
            yield each if day is None else each._replace(sums=day.sums())

    def _decided(self, first: date, last: date) -> set[tuple[str, date]]:
        """The machines and days with decisions of people."""
        zone = self._plant.zone
        since, until = utc(midnight(first, zone)), utc(midnight(last + ONE_DAY, zone))
        return {
            (each.device_id, day)
            for each in self._store.corrections.within(since, until)
            for day in dates(each.start.astimezone(zone).date(), each.end.astimezone(zone).date())
        }

    def _dates(self, question: Question) -> tuple[date, date]:
        """The local days that a query covers; none in the future, none from before Energy Track existed."""
        zone = self._plant.zone
        now = self._clock.now().timestamp()
        start, end = (min(max(ms / 1000, EARLIEST), now) for ms in (question.start_ms, question.end_ms))
        return date_at(start, zone), date_at(end, zone)

    def _sample_ms(self, question: Question, first: date, last: date) -> int:
        """The time of the sample of the days from `first` to `last`, in milliseconds."""
        zone = self._plant.zone
        noon = round(datetime.combine(first, time(12), zone).timestamp() * 1000)
        if question.start_ms <= noon <= question.end_ms:
            return noon
        begins, ends = (round(midnight(day, zone) * 1000) for day in (first, last + ONE_DAY))
        is_of_now = question.end_ms >= self._clock.now().timestamp() * 1000 - NOW_WITHIN_MS
        takes_part = not question.window_ms or is_of_now
        return question.end_ms if takes_part and begins < question.end_ms < ends else noon


def _asked_for(question: Question, families: Mapping[str, Family]) -> dict[str, Family]:
    return {name: family for name, family in families.items() if _is_asked_for(question, family)}


def _is_asked_for(question: Question, family: Family) -> bool:
    fixed = {"__name__": family.name, "source": SOURCE}
    return all(matcher.holds(fixed) for matcher in question.matchers if matcher.name in fixed)


def _requested_machine(question: Question) -> frozenset[str] | None:
    """The only machine that is selected; None if there may be several."""
    for matcher in question.matchers:
        if matcher.name == "device_id" and matcher.is_exact:
            return frozenset((matcher.value,))
    return None


def _series(question: Question, families: Mapping[str, Family], sampled: Iterable[_SampledEnergy]) -> Iterator[Series]:
    values = {name: value_of(name) for name in families}
    points: dict[tuple[str, Place], dict[str, list[tuple[int, float]]]] = {}
    for device_id, place, at_ms, sums in sampled:
        if not question.start_ms <= at_ms <= question.end_ms:
            continue
        whose = (device_id, place)
        samples = points.get(whose)
        if samples is None:
            labels = _labels(device_id, place)
            requested = all(matcher.holds(labels) for matcher in question.matchers if matcher.name != "__name__")
            samples = points[whose] = {name: [] for name in families} if requested else {}
        for name, column in samples.items():
            if (value := values[name](sums)) is not None:
                column.append((at_ms, value))
    for whose, columns in points.items():
        for name, column in columns.items():
            if column:
                yield Series({"__name__": families[name].name, **_labels(*whose)}, sorted(column))


def _labels(device_id: str, place: Place) -> dict[str, str]:
    return {
        "device_id": device_id, "device_type": place.device_type or "", "line": place.line or "", "source": SOURCE,
    }  # fmt: skip
