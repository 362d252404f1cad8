"""Rows that are moments: each column as a quantity, or each key where one column says what the value is."""

import numpy as np

from energytrack.importer.cells.columns import roles
from energytrack.importer.cells.layout import sheet_of
from energytrack.importer.choices import Choices
from energytrack.importer.formats.long import rows_of
from energytrack.importer.values.rows import Rows
from testkit.builders.import_files import lines
from tests.unit.energytrack.importer.contents import WINTER


def rows(heading: str, *cells: str) -> Rows:
    sheet = sheet_of(lines(heading, *(f"{WINTER:%Y-%m-%d} {each}" for each in cells)), Choices(), "meter.csv")
    return rows_of(sheet, roles(sheet, Choices()), Choices(), "meter.csv", plant_zone="Europe/Berlin")


def test_each_column_is_a_quantity_of_the_machine_of_its_row() -> None:
    found = rows(
        "time;device;temperature;Energy (kWh)",
        "00:00;Press 1;20.5;1.25",
        "00:00;Press 2;21.5;2.25",
        "00:15;Press 1;n/a;1.50",
        "00:15;Press 2;21.0;2.50",
    )
    assert (found.devices, found.device.tolist()) == (["Press-1", "Press-2"], [0, 1, 0, 1])
    assert [(each.heading, each.unit) for each in found.columns] == [("temperature", None), ("Energy (kWh)", "kwh")]
    assert found.columns[1].values.tolist() == [1.25, 2.25, 1.5, 2.5]
    assert np.diff(found.local).tolist() == [0, 900_000, 0]


def test_without_a_column_for_it_the_machine_is_the_file() -> None:
    found = rows("time;temperature", "00:00;20.5", "00:15;20.0")
    assert (found.devices, found.device.tolist()) == (["meter"], [0, 0])


def test_cells_that_are_no_numbers_are_reported() -> None:
    found = rows("time;temperature", *(f"{n // 4:02d}:{n % 4 * 15:02d};{20 + n / 8}" for n in range(30)), "07:30;hot")
    assert np.isnan(found.columns[0].values[-1])
    (finding,) = [each for each in found.findings if each.what == "cells"]
    assert finding.why == "1 cells of 'temperature' are not numbers and count as unknown, such as 'hot'"
