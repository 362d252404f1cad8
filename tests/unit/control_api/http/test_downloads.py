import io
import zipfile
from collections.abc import Iterator
from datetime import datetime

import flask
import pytest
from msgspec import Struct

from control_api.http.downloads import csv_rows, json_rows, xlsx_rows
from control_api.http.problems import Problem
from testkit.dates import NOW


class Row(Struct, frozen=True):
    at: datetime
    name: str | None
    kwh: float | None


ROWS = [Row(NOW, "=cmd()", 1.5), Row(NOW, None, None)]


@pytest.fixture(autouse=True)
def request_context() -> Iterator[None]:
    with flask.Flask(__name__).test_request_context():
        yield


def test_json_is_an_object_with_rows() -> None:
    assert json_rows({"by": "plant"}, ROWS).get_json()["rows"][1] == {
        "at": NOW.isoformat().replace("+00:00", "Z"),
        "name": None,
        "kwh": None,
    }
    assert json_rows({}, []).get_json() == {"rows": []}


def test_many_rows_are_one_list() -> None:
    assert len(json_rows({}, ROWS * 1200).get_json()["rows"]) == 2400
    assert csv_rows("energy", Row, ROWS * 1200).data.count(b"\r\n") == 2401


def test_a_cell_is_never_a_formula_and_nothing_is_an_empty_cell() -> None:
    text = csv_rows("energy", Row, ROWS).data.decode()
    assert text == f"at,name,kwh\r\n{NOW.isoformat()},'=cmd(),1.5\r\n{NOW.isoformat()},,\r\n"


def test_spreadsheets_in_europe_get_a_mark_semicolons_and_decimal_commas() -> None:
    text = csv_rows("energy", Row, ROWS, separator="semicolon").data.decode()
    assert text.startswith("\ufeffat;name;kwh\r\n")
    assert ";1,5\r\n" in text


def test_a_sheet_has_numbers_and_strings_and_no_formulas() -> None:
    book = zipfile.ZipFile(io.BytesIO(xlsx_rows("energy", Row, ROWS).data))
    sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<v>1.5</v>" in sheet
    assert "=cmd()" in sheet
    assert "<f>" not in sheet


class SourcedRow(Struct, frozen=True):
    parts: float
    parts_from: tuple[str, ...]


def test_words_of_one_cell_have_a_space_between() -> None:
    rows = [SourcedRow(12.0, ("counter", "events")), SourcedRow(0.0, ())]
    assert csv_rows("energy", SourcedRow, rows).data.decode().splitlines()[1:] == ["12.0,counter events", "0.0,"]
    book = zipfile.ZipFile(io.BytesIO(xlsx_rows("energy", SourcedRow, rows).data))
    assert "counter events" in book.read("xl/worksheets/sheet1.xml").decode()


def test_what_does_not_fit_on_a_sheet_is_refused_before_anything_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("control_api.http.downloads.MAX_XLSX_ROWS", 1)
    with pytest.raises(Problem, match="too_many_rows"):
        xlsx_rows("energy", Row, ROWS)


def test_what_goes_wrong_before_the_first_row_is_an_error_of_its_own() -> None:
    def failing() -> Iterator[Row]:
        yield from (_raise() for _ in range(1))

    with pytest.raises(Problem):
        csv_rows("energy", Row, failing())


def _raise() -> Row:
    raise Problem("store_away", "gone")
