"""A report as a workbook: numbers are numbers, and what can be computed is a formula that anybody can follow."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any, Final
from zoneinfo import ZoneInfo

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell

from energytrack.languages.words import Words, words_of
from energytrack.ledger.sums import EnergySums
from energytrack.metering.quarters import QUARTER_SECONDS, QUARTERS_PER_HOUR
from energytrack.report.chapters.meters import medium_name, per_hour
from energytrack.report.chapters.phrases import about_decision, about_note, line_name
from energytrack.report.content import Report

HEAD: Final = 0
FIRST: Final = 1
LONGEST_NAME: Final = 31
"""The most characters of a sheet's name."""
WIDE: Final = 24
NARROW: Final = 14


class Formula(tuple[str, float | None]):
    """A formula, and its value for programs that do not compute."""

    __slots__ = ()

    def __new__(cls, formula: str, value: float | None) -> "Formula":
        """`formula` begins with an equals sign."""
        return super().__new__(cls, (formula, value))


Value = str | float | int | date | datetime | Formula | None


def as_xlsx(report: Report) -> bytes:
    t = words_of(report.language)
    file = BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False}) as book:
        book.set_properties(
            {"title": f"{t('Energy report')}, {report.plant}, {report.month}", "author": "Energy Track"}
        )
        _Writer(book, report, t).write()
    return file.getvalue()


class _Writer:
    """Writes the sheets, one after another."""

    def __init__(self, book: Any, report: Report, t: Words) -> None:
        self._book, self._report, self._t = book, report, t
        self._head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        self._total = book.add_format({"bold": True, "top": 1, "num_format": "#,##0.00"})
        self._plain = book.add_format({})
        self._number = book.add_format({"num_format": "#,##0.00"})
        self._fine = book.add_format({"num_format": "#,##0.000000"})
        self._ratio = book.add_format({"num_format": "0.0%"})
        self._day = book.add_format({"num_format": "yyyy-mm-dd"})
        self._moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})

    def write(self) -> None:
        t = self._t
        names = [t("Bill"), t("Lines"), t("Machines"), t("Days"), t("Quarter hours")]
        summary = self._sheet(t("Summary"), ("", ""))
        self._bill(names[0])
        self._groups(names[1], t("Line"), [(each.name or t("no line"), each) for each in self._report.lines])
        self._groups(names[2], t("Machine"), [(each.device_id, each) for each in self._report.machines])
        self._days(names[3])
        quarters = self._quarters(names[4])
        self._alarms(t("Alarms"))
        self._corrections(t("Decisions"))
        if self._report.meters:
            self._meters(t("Meters"))
        if self._report.courses:
            self._baselines(t("Baselines"))
        self._summary(summary, names, quarters)

    def _summary(self, sheet: Any, names: Sequence[str], quarters: str) -> None:
        report, t, bill = self._report, self._t, self._report.bill
        lines, days = len(report.lines), len(report.days)
        peak = None if bill.peak is None else bill.peak.kw
        when = None if bill.peak is None else bill.peak.start.replace(tzinfo=None)
        place = f"'{names[4]}'"
        rows: list[tuple[str, Value, Any]] = [
            (t("Plant"), report.plant, self._plain),
            (t("Month"), str(report.month), self._plain),
            (t("Energy, kWh"), _sum(f"'{names[3]}'!", 1, days, report.sums.kwh), self._number),
            (t("Cost, {currency}", currency=bill.currency),
             Formula(f"='{names[0]}'!F{len(bill.invoice.lines) + 2}", report.total), self._number),
            (t("Idle cost, {currency}", currency=bill.currency),
             _sum(f"'{names[1]}'!", 4, lines, report.sums.known_idle_cost), self._number),
            (t("Peak, kW"), Formula(f"=MAX({place}!{quarters})", peak), self._number),
            (t("Time of the peak"), when, self._moment),
            (t("Energy known"), bill.known_ratio, self._ratio),
            (t("location-based, kg CO₂e"),
             _sum(f"'{names[1]}'!", 5, lines, report.location_kg), self._number),
            (t("market-based, kg CO₂e"),
             _sum(f"'{names[1]}'!", 6, lines, report.market_kg), self._number),
        ]  # fmt: skip
        for number, (name, value, how) in enumerate(rows):
            self._put(sheet, number, 0, name, self._plain)
            self._put(sheet, number, 1, t.unknown if value is None else value, how)

    def _bill(self, name: str) -> None:
        report, t = self._report, self._t
        currency = report.bill.currency
        sheet = self._sheet(name, (t("Line of the bill"), t("Note"), t("Quantity"), t("Unit"), t("Price"), currency))
        row = FIRST
        for line in report.bill.invoice.lines:
            cells: tuple[Value, ...] = (line_name(line.name, t), about_note(line, t), line.quantity, line.unit)
            self._row(sheet, row, cells, self._number)
            self._put(sheet, row, 4, line.price, self._fine)
            amount: Value = t.unknown
            if line.amount is not None:
                share = "/100" if line.unit == "%" else ""
                amount = Formula(f"=ROUND(C{row + 1}*E{row + 1}{share},2)", line.amount)
            self._put(sheet, row, 5, amount, self._number)
            row += 1
        self._put(sheet, row, 0, t("Total"), self._total)
        self._put(sheet, row, 5, _sum("", 5, row - FIRST, report.bill.invoice.total), self._total)

    def _groups(self, name: str, title: str, groups: Sequence[tuple[str, Any]]) -> None:
        report, t = self._report, self._t
        currency = report.bill.currency
        titles = (
            title, "kWh", currency, t("idle, kWh"), t("idle, {currency}", currency=currency),
            t("location-based, kg CO₂e"), t("market-based, kg CO₂e"), t("idle share"),
        )  # fmt: skip
        sheet = self._sheet(name, titles)
        for row, (label, each) in enumerate(groups, start=FIRST):
            sums, emissions = each.sums, each.emissions
            self._row(sheet, row, (
                label, sums.kwh, sums.known_cost, sums.known_idle_kwh, sums.known_idle_cost,
                emissions.known_location_kg, emissions.known_market_kg,
            ), self._number)  # fmt: skip
            self._put(sheet, row, 7, _idle_share(sums, row + 1), self._ratio)
        last = len(groups) + FIRST
        sums, emissions = report.sums, report.emissions
        self._put(sheet, last, 0, t("Total"), self._total)
        wholes = (
            sums.kwh, sums.known_cost, sums.known_idle_kwh, sums.known_idle_cost,
            emissions.known_location_kg, emissions.known_market_kg,
        )  # fmt: skip
        for column, value in enumerate(wholes, start=1):
            self._put(sheet, last, column, _sum("", column, len(groups), value), self._total)

    def _days(self, name: str) -> None:
        t, currency = self._t, self._report.bill.currency
        titles = (t("Day"), "kWh", currency, t("idle, kWh"), t("idle, {currency}", currency=currency), t("Day off"))
        sheet = self._sheet(name, titles)
        for row, each in enumerate(self._report.days, start=FIRST):
            self._put(sheet, row, 0, each.date, self._day)
            sums = each.sums
            cells = (sums.kwh, sums.known_cost, sums.known_idle_kwh, sums.known_idle_cost, each.holiday)
            self._row(sheet, row, cells, self._number, first=1)

    def _quarters(self, name: str) -> str:
        """Write the quarter hours; returns the range of the powers."""
        t, load = self._t, self._report.load
        zone = ZoneInfo(self._report.zone)
        sheet = self._sheet(name, (t("from"), "UTC", "kWh", "kW", self._report.bill.currency))
        for index, kwh in enumerate(load.kwh):
            at = load.start + index * QUARTER_SECONDS
            if load.until is None or at >= load.until:
                break
            row = index + FIRST
            self._put(sheet, row, 0, datetime.fromtimestamp(at, zone).replace(tzinfo=None), self._moment)
            utc = datetime(1970, 1, 1) + timedelta(seconds=at)  # noqa: DTZ001  # a workbook knows no zones
            self._put(sheet, row, 1, utc, self._moment)
            self._put(sheet, row, 2, kwh, self._number)
            self._put(sheet, row, 3, Formula(f"=C{row + 1}*{QUARTERS_PER_HOUR}", load.kw(index)), self._number)
            self._put(sheet, row, 4, load.cost[index], self._number)
        return f"D2:D{len(load.kwh) + 1}"

    def _alarms(self, name: str) -> None:
        t = self._t
        sheet = self._sheet(name, (t("Alarm"), t("Alarms"), t("true"), t("false"), t("not judged")))
        for row, each in enumerate(self._report.alarms, start=FIRST):
            self._row(sheet, row, (each.rule, each.alarms, each.true_alarms, each.false_alarms), self._plain)
            number = row + 1
            self._put(sheet, row, 4, Formula(f"=B{number}-C{number}-D{number}", each.not_judged), self._plain)

    def _corrections(self, name: str) -> None:
        t, zone = self._t, ZoneInfo(self._report.zone)
        titles = (
            t("Machine or meter"), t("from"), t("until"), t("Decision"), t("before"), t("after"), t("Unit"), t("by"),
            t("because"),
        )  # fmt: skip
        sheet = self._sheet(name, titles)
        for row, each in enumerate(self._report.corrections, start=FIRST):
            decision = about_decision(each.decision, t)
            self._row(sheet, row, (
                each.device_id, each.start.astimezone(zone).replace(tzinfo=None),
                each.end.astimezone(zone).replace(tzinfo=None), decision, each.before_kwh, each.after_kwh,
                self._report.unit_of(each.device_id), each.decided_by, each.reason,
            ), self._number)  # fmt: skip

    def _meters(self, name: str) -> None:
        t = self._t
        titles = (
            t("Meter"), t("Medium"), t("Unit"), t("counted"), t("known"), t("unmetered rest"), t("compared"),
            t("base load at night"), t("per hour in"), t("kg CO₂e"), t("suspect"),
        )  # fmt: skip
        sheet = self._sheet(name, titles)
        for row, each in enumerate(self._report.meters, start=FIRST):
            self._row(sheet, row, (each.meter_id, medium_name(each.medium, t), each.unit, each.used), self._number)
            self._put(sheet, row, 4, each.known_ratio, self._ratio)
            self._put(sheet, row, 5, each.rest, self._number)
            self._put(sheet, row, 6, None if each.rest is None else each.compared_ratio, self._ratio)
            self._row(sheet, row, (each.base_load, per_hour(each.unit), each.emissions_kg, each.suspect), self._number,
                      first=7)  # fmt: skip

    def _baselines(self, name: str) -> None:
        t = self._t
        titles = (
            t("Baseline"),
            t("days"),
            t("used, kWh"),
            t("expected, kWh"),
            t("used over expected"),
            t("CUSUM, kWh"),
        )
        sheet = self._sheet(name, titles)
        for row, each in enumerate(self._report.courses, start=FIRST):
            self._row(sheet, row, (each.name, each.days), self._plain)
            self._row(sheet, row, (each.used_kwh, each.expected_kwh), self._number, first=2)
            if each.expected_kwh > 0.0:
                ratio = Formula(f"=C{row + 1}/D{row + 1}", each.used_kwh / each.expected_kwh)
                self._put(sheet, row, 4, ratio, self._ratio)
            self._put(sheet, row, 5, each.cusum[-1][1], self._number)

    def _sheet(self, name: str, titles: Sequence[str]) -> Any:
        sheet = self._book.add_worksheet(name[:LONGEST_NAME])
        if any(titles):
            sheet.freeze_panes(FIRST, 1)
            sheet.write_row(HEAD, 0, titles, self._head)
        sheet.set_column(0, 0, WIDE)
        sheet.set_column(1, max(len(titles) - 1, 1), WIDE if not any(titles) else NARROW)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(HEAD)
        return sheet

    def _row(self, sheet: Any, row: int, cells: Sequence[Value], how: Any, *, first: int = 0) -> None:
        for column, value in enumerate(cells, start=first):
            self._put(sheet, row, column, value, how)

    def _put(self, sheet: Any, row: int, column: int, value: Value, how: Any) -> None:
        if isinstance(value, Formula):
            formula, cached = value
            if cached is None:  # a program that computes would make a zero of it
                sheet.write_string(row, column, self._t.unknown, self._plain)
            else:
                sheet.write_formula(row, column, formula, how, cached)
        elif isinstance(value, str):
            sheet.write_string(row, column, value, how if how is self._total else self._plain)
        elif isinstance(value, datetime):
            sheet.write_datetime(row, column, value, self._moment)
        elif isinstance(value, date):
            sheet.write_datetime(row, column, datetime(value.year, value.month, value.day), self._day)  # noqa: DTZ001
        elif value is not None:
            sheet.write_number(row, column, value, how)


def _idle_share(sums: EnergySums, line: int) -> Value:
    """The idle share as on the pages: without energy that may or may not be idle, such as that from files."""
    if sums.idle_ratio is None:
        return None
    counted = f"(B{line}-{sums.idle_unknown_kwh!r})" if sums.idle_unknown_kwh else f"B{line}"
    return Formula(f"=D{line}/{counted}", sums.idle_ratio)


def _sum(sheet: str, column: int, count: int, value: float | None) -> Value:
    """The sum of the first `count` rows below the heading; None if it is not known."""
    if value is None or not count:
        return value
    first, last = xl_rowcol_to_cell(FIRST, column), xl_rowcol_to_cell(FIRST + count - 1, column)
    return Formula(f"=SUM({sheet}{first}:{last})", value)
