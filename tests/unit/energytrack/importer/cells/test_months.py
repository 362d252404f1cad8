import pytest

from energytrack.importer.cells.months import numeric_month
from testkit.builders.import_files import columns, starts
from tests.unit.energytrack.importer.contents import WINTER, begins, only, read


@pytest.mark.parametrize(
    ("written", "digits"),
    [
        ("3-Jan-1999 04:15", "1999-01-3 04:15"),
        ("31. März 1999", "1999-03-31"),
        ("31 de agosto de 1999", "1999-08-31"),
        ("5 juil. 99", "2099-07-5"),
        ("Dec 31st, 1999", "1999-12-31"),
        ("1999 Oct 07", "1999-10-07"),
        ("3 foo 1999", "3 foo 1999"),
        ("31.12.1999 23:45", "31.12.1999 23:45"),
    ],
)
def test_a_month_that_is_a_word_becomes_a_number(written: str, digits: str) -> None:
    assert numeric_month(written) == digits


def test_months_may_be_words() -> None:
    content = read(columns(starts(WINTER, 1), "%d-Jan-%Y %H:%M"), zone="Europe/Berlin")
    assert begins(only(content)) == starts(WINTER, 1)
