"""Calendars that would keep a service busy for hours are refused; those that people export are read."""

from pathlib import Path

import pytest

from energytrack.contract.errors import UnusablePlantFile
from energytrack.contract.files import shutdowns_of
from energytrack.contract.ical import MOST_BYTES, MOST_EVENTS, MOST_OF_A_ZONE, calendar_of
from energytrack.contract.rota import RotaFile
from testkit.dates import MONDAY, PLANT_ZONE, at_plant

DAY = f"{MONDAY:%Y%m%d}"
START, END = f"DTSTART:{DAY}T080000", f"DTEND:{DAY}T160000"


def a_calendar(folder: Path, *lines: str, events: int = 1, zone: str = "") -> Path:
    event = "\r\n".join(["BEGIN:VEVENT", "UID:1", "SUMMARY:maria", *lines, "END:VEVENT"])
    file = folder / "rota.ics"
    file.write_text(
        "\r\n".join(["BEGIN:VCALENDAR", *filter(None, [zone]), *[event] * events, "END:VCALENDAR", ""]),
        encoding="utf-8",
    )
    return file


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        ([START, END, "RRULE:FREQ=SECONDLY"], "maria: expected a repetition by day, week, month or year"),
        ([START, END, "RRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30"], "FREQ=SECONDLY"),
        ([START, END, "RRULE:FREQ=DAILY;INTERVAL=0"], "INTERVAL has to be from 1 to 1000"),
        ([START, END, "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"], "BYMONTHDAY is up to 29 here"),
        ([START, END, "RRULE:FREQ=DAILY;INTERVAL=7;BYDAY=MO,TU"], "BYDAY with FREQ=DAILY, need INTERVAL=1"),
        ([START, END, "RRULE:FREQ=MONTHLY;BYDAY=MO;BYSETPOS=40"], "enough BYDAY"),
        ([START, END, "RRULE:FREQ=MONTHLY;BYDAY=5MO;BYMONTHDAY=1"], "cannot be used together"),
        ([START, END, "RRULE:FREQ=DAILY;BYHOUR=1,2;BYMINUTE=1,2"], "BYHOUR, BYMINUTE cannot be used"),
        ([START, END, "RRULE:FREQ=NEVER"], "is not an iCal file"),
        (["DTSTART:00010101T000000Z", END, "RRULE:FREQ=DAILY"], "expected a date from 1970 to 2100"),
        ([START, "DTEND:99991231T235959Z"], "expected a date from 1970 to 2100"),
        ([START, "DURATION:P999999999D"], "at most 400 days"),
        ([START, f"RDATE;VALUE=PERIOD:{DAY}T080000Z/P9999D"], "at most 400 days"),
        ([END], "expected a start"),
        ([START, END, "RECURRENCE-ID:bogus"], "expected a date"),
        ([START, END, "EXDATE:bogus"], "is not an iCal file"),
        ([START, END, f"RDATE:{','.join([f'{DAY}T080000Z'] * 2001)}"], "at most 2000"),
        ([START, END, f"X-A:{'a' * MOST_BYTES}"], "at most 2500000 are read"),
    ],
)  # fmt: skip
def test_what_would_take_hours_or_breaks_the_library_is_refused(
    tmp_path: Path, lines: list[str], complaint: str
) -> None:
    """For a rota and for shutdowns."""
    file = a_calendar(tmp_path, *lines)
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
        "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=25",
        "FREQ=YEARLY;BYMONTH=6;BYDAY=MO;BYSETPOS=3",
        "FREQ=DAILY;COUNT=5",
        "FREQ=DAILY;COUNT=1000000000",
        "FREQ=DAILY;BYHOUR=6;BYMINUTE=0",
    ],
)
def test_what_people_export_is_read(tmp_path: Path, rule: str) -> None:
    """Dozens of such events, too: thirteen lines in three shifts."""
    file = a_calendar(tmp_path, START, END, f"RRULE:{rule}", events=39)
    assert len(calendar_of(file).walk("VEVENT")) == 39
    RotaFile(file, PLANT_ZONE)(at_plant("mon", "09:00"))


@pytest.mark.parametrize(
    ("rule", "complaint"),
    [
        ("FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU", None),
        ("FREQ=SECONDLY;COUNT=200000", "expected a time zone that changes by the year, got FREQ=SECONDLY"),
        ("FREQ=YEARLY;BYSECOND=1,2,3", "expected a time zone"),
    ],
)
def test_a_time_zone_repeats_by_the_year(tmp_path: Path, rule: str, complaint: str | None) -> None:
    """As programs write it, from 1601 on."""
    change = "DTSTART:16010101T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100"
    parts = f"BEGIN:STANDARD\r\n{change}\r\nRRULE:{rule}\r\nEND:STANDARD"
    zone = f"BEGIN:VTIMEZONE\r\nTZID:Works\r\n{parts}\r\nEND:VTIMEZONE"
    file = a_calendar(tmp_path, f"DTSTART;TZID=Works:{DAY}T080000", f"DTEND;TZID=Works:{DAY}T160000", zone=zone)
    if complaint is None:
        assert calendar_of(file).walk("VEVENT")
        return
    with pytest.raises(UnusablePlantFile, match=complaint):
        calendar_of(file)


def test_many_parts_of_a_time_zone_are_refused(tmp_path: Path) -> None:
    part = "BEGIN:STANDARD\r\nDTSTART:16010101T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r\n"
    zone = f"BEGIN:VTIMEZONE\r\nTZID:Works\r\n{part * (MOST_OF_A_ZONE + 1)}END:VTIMEZONE"
    file = a_calendar(tmp_path, START, END, zone=zone)
    with pytest.raises(UnusablePlantFile, match="at most 200 are read"):
        calendar_of(file)


def test_thousands_of_events_are_refused_and_so_is_what_recurs_daily_hundreds_of_times(tmp_path: Path) -> None:
    with pytest.raises(UnusablePlantFile, match="at most 5000 are read: remove old ones"):
        calendar_of(a_calendar(tmp_path, START, END, events=MOST_EVENTS + 1))
    with pytest.raises(UnusablePlantFile, match="recur too often"):
        calendar_of(a_calendar(tmp_path, START, END, "RRULE:FREQ=DAILY", events=100))
