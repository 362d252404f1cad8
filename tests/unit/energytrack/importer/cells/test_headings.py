"""Headings of tables."""

import pytest

from energytrack.importer.cells.headings import for_the_longest_day, heading_of, headings_in, listed, unique_names


def names(*rows: str, heading: int) -> tuple[list[str], int]:
    found = headings_in([row.split(";") for row in rows], heading)
    return list(found.names), found.above


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (("Zeit;Arbeit;Temperatur", ";kWh;°C"), ["Zeit", "Arbeit [kWh]", "Temperatur [°C]"]),
        (("Zeit;Press A;Press B", "[lokal];[kWh];[Wh]"), ["Zeit [lokal]", "Press A [kWh]", "Press B [Wh]"]),
        (("Zeit;Drehzahl;I", "TT.MM.JJJJ hh:mm;1/min;A"), ["Zeit [TT.MM.JJJJ hh:mm]", "Drehzahl [1/min]", "I [A]"]),
        ((";kWh;bar", "Zeit;Arbeit;Druck"), ["Zeit", "Arbeit [kWh]", "Druck [bar]"]),
    ],
)  # fmt: skip
def test_a_row_of_units_belongs_to_the_names(rows: tuple[str, str], expected: list[str]) -> None:
    assert names("Werk Nord;;", *rows, heading=2) == (expected, 1)


def test_other_rows_above_the_headings_are_left_out() -> None:
    assert names("Zähler;4711;", "Zeit;kWh;Status", heading=1) == (["Zeit", "kWh", "Status"], 1)


def test_headings_that_repeat_get_what_stands_above_them() -> None:
    assert names(";Press A;;Press B;", "Zeit;kWh;A;kWh;A", heading=1)[0] == [
        "Zeit", "Press A kWh", "Press A A", "Press B kWh", "Press B A",
    ]  # fmt: skip


@pytest.mark.parametrize(("count", "longest"), [(96, 100), (24, 25), (48, 48), (100, 100)])
def test_numbers_of_a_days_values_go_on_to_those_of_the_longest_day(count: int, longest: int) -> None:
    headings = ["Datum", *(f"Q{i}" for i in range(1, count + 1))]
    assert len(for_the_longest_day(headings)) == longest + 1
    assert for_the_longest_day(["Datum", "96"]) == ["Datum", "96"]


def test_the_table_begins_where_rows_have_its_width() -> None:
    rows = [["Werk Nord"], [], ["Zeit", "kWh"], ["01.02.2020", "1"], ["02.02.2020", "2"]]
    assert heading_of(rows) == (2, 2)
    assert unique_names(["a", "", "a"], 4) == ("a", "column 2", "a (2)", "column 4")


def test_a_question_names_no_thousands_of_headings() -> None:
    assert listed(["a", "b"]) == "a, b"
    assert listed(["x"] * 10_040).endswith("x and 10,000 more")
