"""The first page: the figures that people look for, what they mean, and each day."""

from collections.abc import Iterator
from math import ceil, log10
from typing import Final

from energytrack.languages.words import MINUS, Words
from energytrack.ledger.local_days import dates
from energytrack.report.content import Report
from energytrack.report.document import AxisTick, DayBar, Days, Figure, Section

SATURDAY: Final = 5
TICKS: Final = 4


def figures(report: Report, t: Words) -> tuple[Figure, ...]:
    """The figures: energy, cost, peak, idle cost, emissions, coverage."""
    bill, sums, currency = report.bill, report.sums, report.bill.currency
    before = report.before
    peak = bill.peak
    return (
        Figure(
            t("Energy"), t.with_unit(sums.kwh, "kWh"), _change(sums.kwh, None if before is None else before.sums.kwh, t)
        ),
        Figure(
            t("Cost"),
            t.money(report.total, currency),
            _change(report.total, None if before is None else before.invoice.total, t),
        ),
        Figure(
            t("Peak"),
            t.with_unit(None if peak is None else peak.kw, "kW", 1),
            "" if peak is None else f"{t.short_day(peak.start.date())}, {t.clock(peak.start)}",
        ),
        Figure(
            t("Idle cost"),
            t.money(sums.known_idle_cost, currency),
            "" if sums.idle_ratio is None else t("{share} of all energy", share=t.percent(sums.idle_ratio)),
            is_waste=True,
        ),
        Figure(
            t("Emissions"),
            t.with_unit(_tonnes(report.location_kg), "t CO₂e", 2),
            t("market-based: {tonnes}", tonnes=t.with_unit(_tonnes(report.market_kg), "t", 2)),
        ),
        Figure(t("Energy known"), t.percent(bill.known_ratio), t("of all machine time")),
    )


def _tonnes(kg: float | None) -> float | None:
    return None if kg is None else kg / 1000.0


def _change(now: float | None, before: float | None, t: Words) -> str:
    if not now or not before:
        return ""
    sign = "+" if now >= before else MINUS
    return t("{change} on the month before", change=f"{sign}{t.percent(abs(now / before - 1.0))}")


def in_short(report: Report, t: Words) -> Section:
    """The summary, for a plant manager who reads nothing else."""
    return Section(t("In short"), tuple(_sentences(report, t)))


def _sentences(report: Report, t: Words) -> Iterator[str]:
    bill, sums, currency = report.bill, report.sums, report.bill.currency
    if bill.until is None:
        yield t("No energy data for this month.")
        return
    if not report.is_complete:
        yield t("The month is not complete: readings until {moment} are in it.", moment=t.moment(bill.until))
    yield t.count(
        "{number} machine used {kwh}; by the contract this costs {money}.",
        "{number} machines used {kwh}; by the contract this costs {money}.",
        bill.machines,
        kwh=t.with_unit(sums.kwh, "kWh"),
        money=t.money(bill.invoice.total, currency),
    )
    if bill.peak is not None:
        sentence = t(
            "The highest quarter hour was {kw}, on {day} from {clock}.",
            kw=t.with_unit(bill.peak.kw, "kW", 1), day=t.day(bill.peak.start.date()), clock=t.clock(bill.peak.start),
        )  # fmt: skip
        demand = bill.invoice.amount("demand")
        costs = t("Demand costs {money}.", money=t.money(demand, currency))
        yield f"{sentence} {costs}" if demand else sentence
    if sums.known_idle_cost:
        sentence = t(
            "Machines that were on and produced nothing used {kwh}, worth {money}.",
            kwh=t.with_unit(sums.known_idle_kwh, "kWh"), money=t.money(sums.known_idle_cost, currency),
        )  # fmt: skip
        worst = max(report.lines, key=lambda line: line.sums.idle_cost)
        if worst.name is not None and len(report.lines) > 1:
            share = t.money(worst.sums.idle_cost, currency)
            sentence += " " + t("Most of that was on {line}: {money}.", line=worst.name, money=share)
        yield sentence
    if report.model.failures:
        yield t.count(
            "{number} machine failed; of {warned} the model had warned within a day before.",
            "{number} machines failed; of {warned} the model had warned within a day before.",
            report.model.failures,
            warned=t.number(report.model.warned),
        )
    if sums.suspect_kwh:
        yield t(
            "{kwh} are suspect and left out of all figures here until somebody decides about them.",
            kwh=t.with_unit(sums.suspect_kwh, "kWh", 1),
        )


def days(report: Report, t: Words) -> Section | None:
    """Each day's energy, and the idle part of it; None if nothing is known."""
    used = {each.date: each for each in report.days}
    highest = max((each.sums.counted_kwh for each in report.days), default=0.0)
    if not highest:
        return None
    step = _round_step(highest / TICKS)
    top = step * ceil(highest / step - 1e-9)
    bars = []
    for day in dates(report.month.first, report.month.last):
        sums = used.get(day)
        holiday = sums is not None and sums.holiday is not None
        bars.append(
            DayBar(
                label=f"{day.day}",
                used=sums.sums.counted_kwh / top if sums else 0.0,
                idle=sums.sums.idle_kwh / top if sums else 0.0,
                is_off=day.weekday() >= SATURDAY or holiday,
            )
        )
    ticks = tuple(AxisTick(1.0 - step * n / top, t.number(step * n)) for n in range(round(top / step) + 1))
    is_told = not report.sums.idle_unknown_kwh
    rest = t("used while working") if is_told else t("used while working, or it is not known")
    whole = Days(tuple(bars), ticks, "kWh", rest, t("used while idle"), t("weekends and days off are shaded"))
    return Section(t("Day by day"), days=whole)


def _round_step(least: float) -> float:
    """The step of an axis: 1, 2 or 5 times a power of ten, at least `least`."""
    power = 10.0 ** ceil(log10(least) - 1.0)
    return next(power * factor for factor in (1.0, 2.0, 5.0, 10.0, 20.0) if power * factor >= least)
