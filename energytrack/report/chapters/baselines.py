"""The chapter of baselines: gathers a month's energy compared with them, and makes sections with their CUSUM."""

from datetime import date
from typing import Final

from energytrack.baselines.comparison import against
from energytrack.baselines.reading import Observations
from energytrack.baselines.validity import grade_of
from energytrack.bill.load import Month
from energytrack.languages.words import Words
from energytrack.ledger.local_days import ONE_DAY
from energytrack.report.content import BaselineCourse, Report
from energytrack.report.document import AxisTick, Column, LinePlot, ReportTable, Section
from energytrack.store import Store

LEAST_DAYS: Final = 2
"""A line needs two ends."""


def courses_of(
    store: Store, observations: Observations, month: Month, *, yesterday: date
) -> tuple[BaselineCourse, ...]:
    """Each baseline that was watched in the month, with CUSUM from the end of its period on."""
    courses = []
    for baseline in sorted(store.baselines.newest(), key=lambda each: each.name):
        first, last = baseline.last + ONE_DAY, min(month.last, yesterday)
        if first > last:
            continue
        points = against(observations, baseline, first, last).points
        own = [each for each in points if each.day >= month.first]
        if not own:
            continue
        courses.append(
            BaselineCourse(
                name=baseline.name, grade=grade_of(baseline.checks), days=len(own),
                used_kwh=sum(each.actual_kwh for each in own), expected_kwh=sum(each.expected_kwh for each in own),
                cusum=tuple((each.day, each.cusum_kwh) for each in points),
            )
        )  # fmt: skip
    return tuple(courses)


def sections(report: Report, t: Words) -> tuple[Section, ...]:
    """A table of all, and a plot of each one's CUSUM; none without baselines."""
    if not report.courses:
        return ()
    columns = (
        Column(t("Baseline"), "left"), Column(t("days")), Column(t("used, kWh")), Column(t("expected, kWh")),
        Column(t("used over expected")), Column(t("CUSUM, kWh")), Column(t("Judged"), "left"),
    )  # fmt: skip
    rows = tuple(
        (
            each.name, t.number(each.days), t.number(each.used_kwh), t.number(each.expected_kwh),
            t.percent(each.used_kwh / each.expected_kwh if each.expected_kwh > 0.0 else None),
            t.number(each.cusum[-1][1]), _grade(each.grade, t),
        )
        for each in report.courses
    )  # fmt: skip
    note = t(
        "CUSUM: used minus expected energy, summed up since the period of the baseline. It falls while energy is saved."
    )
    plots = tuple(
        Section(t("CUSUM: {baseline}", baseline=each.name), line=_line(each, t))
        for each in report.courses
        if len(each.cusum) >= LEAST_DAYS
    )
    return (Section(t("Energy against its baselines"), table=ReportTable(columns, rows), notes=(note,)), *plots)


def _line(course: BaselineCourse, t: Words) -> LinePlot:
    """CUSUM from the first day to the last; the axis includes zero."""
    values = [0.0, *(value for _, value in course.cusum)]
    low, high = min(values), max(values)
    height = (high - low) or 1.0
    first, last = course.cusum[0][0], course.cusum[-1][0]
    width = (last - first).days or 1
    points = tuple(((day - first).days / width, (high - value) / height) for day, value in course.cusum)
    days = {first, first + (last - first) // 2, last}
    return LinePlot(
        points=points,
        zero=high / height,
        across=tuple(AxisTick((day - first).days / width, t.short_day(day)) for day in sorted(days)),
        down=tuple(
            AxisTick((high - value) / height, t.number(value)) for value in sorted({high, 0.0, low}, reverse=True)
        ),
        unit="kWh",
    )


def _grade(grade: str, t: Words) -> str:
    return {"good": t("good baseline"), "weak": t("weak baseline")}.get(grade, t("not valid: proves nothing"))
