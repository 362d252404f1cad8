"""A rota as calendars export it."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from energytrack.contract.errors import UnusablePlantFile
from energytrack.contract.rota import RotaFile
from testkit.dates import MONDAY, PLANT_ZONE, at_plant

WEEK = timedelta(days=7)


def an_event(who: str, start: str, end: str, *more: str) -> str:
    return "\r\n".join(
        ["BEGIN:VEVENT", f"UID:{who}{start}", f"SUMMARY:{who}", f"DTSTART{start}", f"DTEND{end}", *more, "END:VEVENT"]
    )


def a_file(path: Path, *events: str) -> Path:
    path.write_text(
        "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", *events, "END:VCALENDAR", ""]), encoding="utf-8"
    )
    return path


def day(weeks: int = 0) -> str:
    return f"{MONDAY + weeks * WEEK:%Y%m%d}"


def test_watches_alternate_by_the_week_and_name_lines(tmp_path: Path) -> None:
    """All-day events run from midnight to midnight of the plant."""
    rota = RotaFile(
        a_file(
            tmp_path / "rota.ics",
            an_event("maria", f";VALUE=DATE:{day()}", f";VALUE=DATE:{day(1)}", "RRULE:FREQ=WEEKLY;INTERVAL=2"),
            an_event("anna", f";VALUE=DATE:{day(1)}", f";VALUE=DATE:{day(2)}", "RRULE:FREQ=WEEKLY;INTERVAL=2"),
            an_event("petra", f":{day()}T080000", f":{day()}T160000", "LOCATION:press-shop\\, drilling"),
        ),
        PLANT_ZONE,
    )
    monday = at_plant("mon", "09:00")
    assert {(watch.who, watch.lines) for watch in rota(monday)} == {
        ("maria", ()),
        ("petra", ("press-shop", "drilling")),
    }
    assert {watch.until for watch in rota(monday) if watch.who == "petra"} == {at_plant("mon", "16:00")}
    assert [watch.who for watch in rota(monday + WEEK)] == ["anna"]
    assert [watch.who for watch in rota(monday + 2 * WEEK)] == ["maria"]
    assert [watch.who for watch in rota(at_plant("mon", "00:00") + WEEK)] == ["anna"]


def test_a_change_holds_at_once_and_a_broken_file_changes_nothing(tmp_path: Path) -> None:
    file = a_file(tmp_path / "rota.ics", an_event("maria", f":{day()}T080000", f":{day()}T160000"))
    rota, noon = RotaFile(file, PLANT_ZONE), at_plant("mon", "12:00")
    assert [watch.who for watch in rota(noon)] == ["maria"]
    a_file(file, an_event("anna", f":{day()}T080000", f":{day()}T160000"))
    os.utime(file, (1, 1))
    assert [watch.who for watch in rota(noon)] == ["anna"]
    file.write_text("this is no calendar", encoding="utf-8")
    os.utime(file, (2, 2))
    assert [watch.who for watch in rota(noon)] == ["anna"]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("no calendar", "is not an iCal file"),
        (f"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:{day()}T080000\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n", "no title"),
    ],
)  # fmt: skip
def test_a_file_that_is_none_is_refused(tmp_path: Path, content: str, complaint: str) -> None:
    file = tmp_path / "rota.ics"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(UnusablePlantFile, match=complaint):
        RotaFile(file, PLANT_ZONE)


def test_an_event_that_the_library_cannot_expand_ends_no_paging(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those whom the plant file names are paged all the same."""
    file = a_file(tmp_path / "rota.ics", an_event("maria", f":{day()}T080000", f":{day()}T160000"))
    rota = RotaFile(file, PLANT_ZONE)

    def breaks(_calendar: object) -> object:
        raise OverflowError("date value out of range")

    monkeypatch.setattr("energytrack.contract.rota.recurring_ical_events.of", breaks)
    assert rota(at_plant("mon", "12:00")) == []
