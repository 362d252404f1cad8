"""Gathers a month's report from the store: ledger, bill, decisions, alarms, the model's record."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final

from energytrack.baselines.comparison import against, version_for
from energytrack.baselines.reading import Observations
from energytrack.bill.load import Load, Month
from energytrack.bill.reading import Bills
from energytrack.clock import Clock
from energytrack.ledger.emissions import DayFactors
from energytrack.ledger.local_days import ONE_DAY, dates, midnight, utc
from energytrack.metering.quarters import QUARTER_SECONDS
from energytrack.plant import Plant
from energytrack.plant.file import Language
from energytrack.report.chapters.baselines import courses_of
from energytrack.report.chapters.meters import meters_of
from energytrack.report.content import AlarmsOfRule, Carpet, ModelRecord, Report, ReportedMeasure
from energytrack.report.tally import DayTally
from energytrack.store import Store
from energytrack.store.operations.alarms import RISK_RULES, LogEntry

WARNED_WITHIN: Final = timedelta(days=1)
"""The model's horizon in a real plant."""
MONTHS_OF_A_YEAR: Final = 12
HOURS: Final = 24


class Reports:
    """Makes reports of one plant. For the carpet plot, months that are over are read once: they seldom change."""

    def __init__(self, store: Store, plant: Plant, clock: Clock) -> None:
        self._store = store
        self._plant = plant
        self._clock = clock
        self._bills = Bills(store, plant, clock)
        self._observations = Observations(store, plant)
        self._hours: dict[Month, tuple[tuple[float | None, ...], ...]] = {}

    def forget(self) -> None:
        """Read months that are over again, because the ledger changed."""
        self._bills.forget()
        self._hours.clear()

    def of(self, month: Month, *, language: Language | None = None, whole_year: bool = False) -> Report:
        """The report of a month, complete or not; `whole_year` adds the carpet plot, which is slow."""
        plant = self._plant
        tally = DayTally(DayFactors(plant.emission_factors, plant.zone))
        load = self._bills.load(month, tally.passing(self._bills.days(month)))
        before = self._bills.of(month.previous)
        since, until = utc(midnight(month.first, plant.zone)), utc(midnight(month.last + ONE_DAY, plant.zone))
        openings = list(self._store.alarms.openings(since=since - WARNED_WITHIN, until=until))
        return Report(
            plant=plant.name,
            language=language or plant.language,
            zone=plant.zone.key,
            month=month,
            made_at=self._clock.now().astimezone(plant.zone),
            bill=self._bills.priced(month, load),
            load=load,
            before=None if before.until is None else before,
            days=tally.days(plant.calendar.name),
            lines=tally.lines(),
            machines=tally.machines(),
            emissions=tally.emissions,
            emission_sources=self._sources(month),
            corrections=tuple(self._store.corrections.within(since, until)),
            alarms=self._alarms([each for each in openings if each.at >= since], since),
            model=self._model(openings, since, until),
            measures=self._measures(month),
            meters=meters_of(self._store, plant, month, now=self._clock.now()),
            units={name: meter.measured_in for name, meter in plant.meters.items()},
            courses=courses_of(self._store, self._observations, month, yesterday=self._yesterday()),
            carpet=self._carpet(month) if whole_year else None,
        )

    def _sources(self, month: Month) -> tuple[str, ...]:
        """The publishers of the emission factors of the month."""
        entries = sorted(self._plant.tariff.emissions, key=lambda each: each.valid_from)
        earlier = [each for each in entries if each.valid_from <= month.first][-1:]
        within = [each for each in entries if month.first < each.valid_from <= month.last]
        return tuple(dict.fromkeys(each.source for each in (*earlier, *within) if each.source))

    def _measures(self, month: Month) -> tuple[ReportedMeasure, ...]:
        """The result of each measure in the month, by the days that are over; measures of other months are left out."""
        yesterday = self._yesterday()
        measures = []
        for each in self._store.measures.all():
            first = max(each.start, month.first)
            last = min(each.end or month.last, month.last, yesterday)
            if first > last:
                continue
            versions = () if each.baseline_id is None else self._store.baselines.versions(each.baseline_id)
            baseline = version_for(versions, each.start)
            saving = None if baseline is None else against(self._observations, baseline, first, last).saving
            proved = saving if saving is not None and saving.is_proved else None
            margin = None if proved is None else proved.half_width_kwh
            days = (last - first).days + 1
            measures.append(
                ReportedMeasure(
                    title=each.name,
                    since=each.start,
                    expected_kwh=None if each.expected_kwh_per_day is None else each.expected_kwh_per_day * days,
                    proved_kwh=None if proved is None else proved.kwh,
                    low_kwh=None if proved is None or margin is None else proved.kwh - margin,
                    high_kwh=None if proved is None or margin is None else proved.kwh + margin,
                    saved=None if proved is None else proved.cost,
                )
            )
        return tuple(measures)

    def _yesterday(self) -> date:
        return self._clock.now().astimezone(self._plant.zone).date() - ONE_DAY

    def _alarms(self, openings: list[LogEntry], since: datetime) -> tuple[AlarmsOfRule, ...]:
        """Alarms by rule, most frequent first; verdicts count whenever they were given."""
        entries = self._store.alarms.verdicts(since=since, until=self._clock.now() + ONE_DAY)
        verdicts = {(each.alarm_id, each.episode): each.verdict for each in entries}
        alarms: Counter[str] = Counter()
        judged: Counter[tuple[str, str]] = Counter()
        for each in openings:
            alarms[each.rule] += 1
            verdict = verdicts.get((each.alarm_id, each.episode))
            if verdict is not None:
                judged[each.rule, verdict] += 1
        return tuple(
            AlarmsOfRule(rule, count, judged[rule, "true_alarm"], judged[rule, "false_alarm"])
            for rule, count in sorted(alarms.items(), key=lambda item: (-item[1], item[0]))
        )

    def _model(self, openings: list[LogEntry], since: datetime, until: datetime) -> ModelRecord:
        warnings = [each for each in openings if each.rule in RISK_RULES]
        failures = list(self._store.events.of_kinds(since=since, until=until, kinds=("failure",)))
        warned = sum(
            any(
                each.device_id == failure.device_id and timedelta(0) <= failure.timestamp - each.at <= WARNED_WITHIN
                for each in warnings
            )
            for failure in failures
        )
        runs = [run for run in self._store.runs.recent(1000) if run.started_at < until]
        version = runs[0].version if runs else None
        entry = None if version is None else self._store.models.get(version)
        own = [run for run in runs if run.started_at >= since]
        return ModelRecord(
            version=version,
            trained_at=None if entry is None else entry.created_at,
            failures=len(failures),
            warned=warned,
            retrained=len(own),
            promoted=sum(run.verdict == "promoted" for run in own),
        )

    def _carpet(self, month: Month) -> Carpet:
        """The twelve months that end with a month."""
        months = [month]
        while len(months) < MONTHS_OF_A_YEAR:
            months.insert(0, months[0].previous)
        days: list[tuple[float | None, ...]] = []
        for each in months:
            days += self._hours_of(each)
        return Carpet(months[0].first, tuple(days))

    def _hours_of(self, month: Month) -> tuple[tuple[float | None, ...], ...]:
        hours = self._hours.get(month)
        if hours is None:
            load = self._bills.load(month)
            hours = tuple(self._by_hour(load, month))
            if self._clock.now() - utc(midnight(month.last, self._plant.zone)) > timedelta(days=2):
                self._hours[month] = hours
        return hours

    def _by_hour(self, load: Load, month: Month) -> Iterator[tuple[float | None, ...]]:
        """Mean power by hour on the clock: None for a skipped hour, the mean of both for one that comes twice."""
        hours: dict[tuple[date, int], list[float]] = {}
        for index in range(len(load.kwh)):
            at = load.start + index * QUARTER_SECONDS
            if load.known[index]:
                local = datetime.fromtimestamp(at, self._plant.zone)
                hours.setdefault((local.date(), local.hour), []).append(load.kw(index))
        for day in dates(month.first, month.last):
            yield tuple(_mean(hours.get((day, hour))) for hour in range(HOURS))


def _mean(values: list[float] | None) -> float | None:
    return sum(values) / len(values) if values else None
