"""Text as a table of cells."""

from datetime import timedelta

import pytest

from energytrack.importer.cells.layout import MOST_SPARSE, sheet_of
from energytrack.importer.choices import Choices, NotProved, UnreadableFile
from testkit.builders.import_files import lines
from testkit.dates import DAY


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_spaces_cut_columns_of_numbers_where_no_other_sign_does(end: str) -> None:
    """However many of them, with headings or without."""
    sheet = sheet_of(lines("  cycle   T24  P30 ", " 1  641.82    0.5", "2 642.15 10.5  ", end=end), Choices(), "a.txt")
    assert sheet.headings == ("cycle", "T24", "P30")
    assert sheet.cells.to_numpy().tolist() == [["1", "641.82", "0.5"], ["2", "642.15", "10.5"]]
    assert sheet.findings[0].value == " "


def test_a_separator_comes_before_spaces() -> None:
    sheet = sheet_of(lines("a b;c d", "1 2;3 4", "5 6;7 8"), Choices(), "a.csv")
    assert sheet.cells.to_numpy().tolist() == [["1 2", "3 4"], ["5 6", "7 8"]]


def test_spaces_may_be_told() -> None:
    """Where a comma within the cells would cut the lines, too."""
    text = lines("1,5  2,5 3,5", "4,5 5,5  6,5")
    assert sheet_of(text, Choices(separator=" "), "a.txt").cells.to_numpy().tolist()[1] == ["4,5", "5,5", "6,5"]


@pytest.mark.parametrize("text", ["one two\nthree four\n", "12 13\n14\n15 16 17\n18 19\n"])
def test_prose_and_ragged_lines_are_no_columns(text: str) -> None:
    with pytest.raises(NotProved, match="no separator divides"):
        sheet_of(text, Choices(), "a.txt")


def of_days(values: int) -> str:
    rows = (f"{DAY + timedelta(days=day):%d.%m.%Y}" + ";1" * values for day in range(3))
    return lines(";".join(["day", *map(str, range(1, 97))]), *rows)


@pytest.mark.parametrize("values", [96, 100])
def test_headings_of_the_longest_day_are_there_where_it_is(values: int) -> None:
    assert sheet_of(of_days(values), Choices(), "days.csv").headings[-1] == str(values)


def test_a_large_table_may_be_almost_empty() -> None:
    """A logger that writes a line whenever one of many values changes."""
    row = "1.5;" + ";" * 99 + "2.5"
    text = lines("time" + "".join(f";s{i}" for i in range(100)), *[row] * (MOST_SPARSE // 100))
    assert sheet_of(text, Choices(), "sparse.csv").cells.shape == (MOST_SPARSE // 100, 101)


@pytest.mark.parametrize("text", [";" * 10_000 + "\n" + ";" * 10_000, ";" * 1_000_000, "x" * 1_000_000, ";\n" * 10])
def test_a_text_without_a_cell_is_no_fault_of_ours(text: str) -> None:
    with pytest.raises((NotProved, UnreadableFile)):
        sheet_of(text, Choices(), "a.csv")


def test_ten_thousand_headings_are_read() -> None:
    """The other signs cut nothing of so long a line, which is more than one cell may hold."""
    names = ";".join(f"machine-{number:05d} kWh" for number in range(10_000))
    row = ";".join(["1,5"] * 10_000)
    sheet = sheet_of(f"{names}\n{row}\n{row}\n", Choices(), "a.csv")
    assert sheet.cells.shape == (2, 10_000)


def test_a_million_columns_are_refused() -> None:
    with pytest.raises(UnreadableFile, match="would have 1,000,000 columns each"):
        sheet_of(";".join(["1"] * 1_000_000) + "\n" + ";".join(["1"] * 1_000_000), Choices(), "a.csv")
