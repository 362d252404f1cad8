"""Dates as plants write them: what proves the order of day and month, and what is asked."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from energytrack.importer.choices import NotProved
from testkit.builders.import_files import columns, lines, starts
from testkit.dates import DAY
from tests.unit.energytrack.importer.contents import WINTER, begins, found, only, read

CHICAGO = ZoneInfo("America/Chicago")


@pytest.mark.parametrize(
    ("written", "order"), [("%d/%m/%Y %H:%M", "dmy"), ("%m/%d/%Y %I:%M %p", "mdy"), ("%d.%m.%y %H:%M", "dmy")]
)
def test_a_day_above_twelve_proves_the_order(written: str, order: str) -> None:
    moments = starts(WINTER, 2)
    content = read(columns(moments, written), zone="Europe/Berlin")
    assert begins(only(content)) == moments
    assert found(content, "date_order") == order


def test_days_that_follow_each_other_prove_it_too() -> None:
    """The first ten of a month, written with the month first."""
    moments = starts(date(DAY.year, 5, 1), 10, step=timedelta(hours=1), zone=CHICAGO)
    text = columns(moments, "%m/%d/%Y %H:%M", zone=CHICAGO, heading="Time;Usage kWh")
    content = read(text, zone="America/Chicago")
    assert (begins(only(content)), found(content, "date_order")) == (moments, "mdy")


def test_what_no_row_proves_is_asked() -> None:
    text = columns(starts(date(DAY.year, 2, 1), 1), "%d/%m/%Y %H:%M")
    with pytest.raises(NotProved, match="the day or the month first") as asked:
        read(text, zone="Europe/Berlin")
    assert asked.value.flag == "--date-order dmy"
    assert begins(only(read(text, zone="Europe/Berlin", date_order="dmy"))) == starts(date(DAY.year, 2, 1), 1)


def test_a_date_that_does_not_exist_is_left_out_and_named() -> None:
    """The 31st of June is no 1st of July."""
    june = WINTER.replace(month=6, day=28)
    rows = [f"{28 + day}.06.{june.year} {hour:02d}:00;0,25" for day in range(4) for hour in range(24)]
    text = lines("Zeit;Verbrauch [kWh]", *rows)
    content = read(text, zone="Europe/Berlin")
    assert begins(only(content)) == starts(june, 3, step=timedelta(hours=1))
    (why,) = (finding.why for finding in content.findings if finding.what == "never")
    assert why.startswith("24 times do not exist or lie after 2100, such as '31.06.")
