"""The workbook: its formulas compute what the ledger says, to the cent."""

import re
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from msgspec.structs import replace
from openpyxl.utils import range_boundaries

from energytrack.bill.invoice import cents
from energytrack.languages.words import LANGUAGES
from energytrack.plant.file import Language
from energytrack.report.workbook import as_xlsx
from testkit.builders.ledger import a_correction
from testkit.builders.reports import MONTH, a_month, a_report

REFERENCE = re.compile(r"(?:'([^']+)'!)?([A-Z]+\d+)(?::([A-Z]+\d+))?")


class Computed:
    """As much of a spreadsheet as these formulas need."""

    def __init__(self, content: bytes) -> None:
        self.book = openpyxl.load_workbook(BytesIO(content))
        self.kept = openpyxl.load_workbook(BytesIO(content), data_only=True)

    def value(self, sheet: str, cell: str) -> Any:
        found = self.book[sheet][cell].value
        if not isinstance(found, str) or not found.startswith("="):
            return found
        code = REFERENCE.sub(lambda match: self._named(sheet, match), found[1:])
        words = {"SUM": _sum, "MAX": max, "ROUND": lambda amount, _: cents(amount), "of": self._of}
        return eval(code, {"__builtins__": {}}, words)  # noqa: S307  # formulas that we wrote

    @staticmethod
    def _named(sheet: str, match: re.Match[str]) -> str:
        area = f"{match[2]}:{match[3]}" if match[3] else match[2]
        return f"of({(match[1] or sheet)!r}, {area!r})"

    def _of(self, sheet: str, area: str) -> Any:
        if ":" not in area:
            return self.value(sheet, area)
        left, top, right, bottom = range_boundaries(area)
        cells = self.book[sheet].iter_rows(min_row=top, max_row=bottom, min_col=left, max_col=right)
        values = [self.value(sheet, cell.coordinate) for row in cells for cell in row]
        return [value for value in values if isinstance(value, int | float)]

    def formulas(self) -> list[tuple[str, str]]:
        return [
            (sheet.title, cell.coordinate)
            for sheet in self.book
            for row in sheet.iter_rows()
            for cell in row
            if cell.data_type == "f"
        ]


def _sum(values: list[float]) -> float:
    return sum(values)


@pytest.fixture(scope="module")
def computed() -> Computed:
    """The workbook of the plain report, whose reading takes longer than each test of it."""
    return Computed(as_xlsx(a_report()))


def test_every_formula_computes_the_value_that_it_comes_with(computed: Computed) -> None:
    formulas = computed.formulas()
    assert len(formulas) > 3000
    for sheet, cell in formulas:
        if sheet == "Quarter hours" and int(cell[1:]) > 200:
            continue
        assert computed.value(sheet, cell) == pytest.approx(computed.kept[sheet][cell].value, abs=0.005), (sheet, cell)


def test_the_summary_is_the_bill_and_the_ledger_to_the_cent(computed: Computed) -> None:
    report = a_report()
    found = {row[0].value: f"B{row[0].row}" for row in computed.book["Summary"].iter_rows()}
    assert cents(computed.value("Summary", found["Cost, EUR"])) == report.bill.invoice.total
    assert cents(computed.value("Summary", found["Idle cost, EUR"])) == cents(report.sums.idle_cost)
    assert computed.value("Summary", found["Energy, kWh"]) == pytest.approx(report.sums.kwh)
    assert report.bill.peak is not None
    assert computed.value("Summary", found["Peak, kW"]) == report.bill.peak.kw


def test_the_idle_share_leaves_out_energy_of_which_nobody_knows_it() -> None:
    """A file brought as much as the meter of the CNC machine counted; a fourth of what was counted was idle."""
    days = [replace(day, imported_kwh=day.measured_kwh) for day in a_month() if day.device_id == "cnc-0007"]
    computed = Computed(as_xlsx(a_report(days)))
    assert computed.value("Machines", "H2") == pytest.approx(0.25)
    assert computed.kept["Machines"]["H2"].value == pytest.approx(0.25)


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_opens_in_every_language(language: Language) -> None:
    """Names of sheets are at most 31 characters long and differ."""
    book = openpyxl.load_workbook(BytesIO(as_xlsx(a_report(language=language))), read_only=True)
    assert len(book.sheetnames) == 10


def test_a_month_of_which_nothing_is_known_has_no_zeros() -> None:
    book = openpyxl.load_workbook(BytesIO(as_xlsx(a_report(days=[]))), data_only=True, read_only=True)
    values = [row[1].value for row in book["Summary"].iter_rows()][2:]
    assert set(values) == {"not known"}


def test_names_that_look_like_formulas_stay_text() -> None:
    book = openpyxl.load_workbook(BytesIO(as_xlsx(a_report(plant="=1+1"))), read_only=True)
    plant = book["Summary"]["B1"]
    assert (plant.value, plant.data_type) == ("=1+1", "s")


def test_decisions_about_a_plant_meter_are_in_its_own_unit() -> None:
    decisions = (
        a_correction(day=MONTH.first, before_kwh=2.0, after_kwh=3.0),
        a_correction(day=MONTH.first, device_id="water", before_kwh=None, after_kwh=41.5),
    )
    book = openpyxl.load_workbook(BytesIO(as_xlsx(a_report(corrections=decisions))), read_only=True)
    heads, *rows = [[cell.value for cell in row] for row in book["Decisions"].iter_rows()]
    assert heads[4:7] == ["before", "after", "Unit"]
    assert [[row[0], *row[4:7]] for row in rows] == [["cnc-0007", 2.0, 3.0, "kWh"], ["water", None, 41.5, "m³"]]
