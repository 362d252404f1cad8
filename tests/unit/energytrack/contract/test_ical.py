"""Calendars that would keep a service busy for hours are refused; those that people export are read."""

from pathlib import Path

import pytest

from energytrack.contract.errors import UnusablePlantFile
from energytrack.contract.files import shutdowns_of
from energytrack.contract.ical import MOST_EVENTS, calendar_of
from energytrack.contract.rota import RotaFile
from testkit.dates import MONDAY, PLANT_ZONE, at_plant

DAY = f"{MONDAY:%Y%m%d}"
START, END = f"DTSTART:{DAY}T080000", f"DTEND:{DAY}T160000"


def a_calendar(folder: Path, *lines: str, events: int = 1) -> Path:
    event = "\r\n".join(["BEGIN:VEVENT", "UID:1", "SUMMARY:maria", *lines, "END:VEVENT"])
    file = folder / "rota.ics"
    file.write_text("\r\n".join(["BEGIN:VCALENDAR", *[event] * events, "END:VCALENDAR", ""]), encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        ([START, END, "RRULE:FREQ=SECONDLY"], "maria: expected a repetition by day, week, month or year"),
        ([START, END, "RRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30"], "FREQ=SECONDLY"),
        ([START, END, "RRULE:FREQ=DAILY;INTERVAL=0"], "INTERVAL has to be from 1 to 1000"),
        ([START, END, "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"], "BYMONTHDAY is up to 29 here"),
        ([START, END, "RRULE:FREQ=DAILY;INTERVAL=7;BYDAY=MO,TU"], "BYDAY of days, need INTERVAL=1"),
        ([START, END, "RRULE:FREQ=MONTHLY;BYDAY=MO;BYSETPOS=40"], "enough BYDAY"),
        ([START, END, "RRULE:FREQ=MONTHLY;BYDAY=5MO;BYMONTHDAY=1"], "cannot be used together"),
        ([START, END, "RRULE:FREQ=DAILY;BYHOUR=1,2;BYMINUTE=1,2"], "BYHOUR, BYMINUTE cannot be used"),
        ([START, END, "RRULE:FREQ=DAILY;COUNT=1000000000"], None),
        ([START, END, "RRULE:FREQ=NEVER"], "is not an iCal file"),
        (["DTSTART:00010101T000000Z", END, "RRULE:FREQ=DAILY"], "expected a date from 2000 to 2100"),
        ([START, "DTEND:99991231T235959Z"], "expected a date from 2000 to 2100"),
        ([START, "DURATION:P999999999D"], "at most 400 days"),
        ([START, f"RDATE;VALUE=PERIOD:{DAY}T080000Z/P9999D"], "at most 400 days"),
        ([END], "expected a start"),
        ([START, END, "RECURRENCE-ID:bogus"], "expected a date"),
        ([START, END, "EXDATE:bogus"], "is not an iCal file"),
        ([START, END, f"RDATE:{','.join([f'{DAY}T080000Z'] * 2001)}"], "at most 2000"),
        ([START, END, f"X-A:{'a' * 1_000_000}"], "at most 1000000 are read"),
    ],
)  # fmt: skip
def test_what_would_take_hours_or_breaks_the_library_is_refused(
    tmp_path: Path, lines: list[str], complaint: str | None
) -> None:
    """For a rota and for shutdowns; COUNT bounds nothing that the date does not bound."""
    file = a_calendar(tmp_path, *lines)
    if complaint is None:
        assert RotaFile(file, PLANT_ZONE)(at_plant("mon", "09:00"))
        return
    with pytest.raises(UnusablePlantFile, match=complaint):
        RotaFile(file, PLANT_ZONE)
    with pytest.raises(UnusablePlantFile, match=complaint):
        shutdowns_of(file)


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=WEEKLY;WKST=MO;INTERVAL=3;BYDAY=MO,TU,WE,TH,FR",
        f"FREQ=DAILY;UNTIL={DAY}T230000Z",
        "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR",
        "FREQ=MONTHLY;BYDAY=1MO",
        "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=-1",
        "FREQ=MONTHLY;BYMONTHDAY=31",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
        "FREQ=YEARLY;COUNT=10",
    ],
)
def test_what_people_export_is_read(tmp_path: Path, rule: str) -> None:
    file = a_calendar(tmp_path, START, END, f"RRULE:{rule}")
    assert len(calendar_of(file).walk("VEVENT")) == 1
    RotaFile(file, PLANT_ZONE)(at_plant("mon", "09:00"))


def test_thousands_of_events_are_refused_and_so_is_what_recurs_daily_hundreds_of_times(tmp_path: Path) -> None:
    with pytest.raises(UnusablePlantFile, match="at most 2000 are read: remove old ones"):
        calendar_of(a_calendar(tmp_path, START, END, events=MOST_EVENTS + 1))
    with pytest.raises(UnusablePlantFile, match="recur too often"):
        calendar_of(a_calendar(tmp_path, START, END, "RRULE:FREQ=DAILY", events=100))
