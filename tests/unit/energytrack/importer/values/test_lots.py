"""Lists of a manufacturing execution system: each row a lot, with its machine, its time, good and rejected parts."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from energytrack.importer.choices import Choices, NotProved
from energytrack.importer.content import Content
from energytrack.importer.destinations.quarters import days_of
from energytrack.importer.reader import read_bytes
from energytrack.importer.values.lots import parts_of_lots
from energytrack.ledger.local_days import midnight
from testkit.dates import MONDAY, PLANT_ZONE

DAY = timedelta(days=1)
START = midnight(MONDAY, PLANT_ZONE)


def clock(day: int, at: str) -> str:
    return f"{MONDAY + day * DAY:%d.%m.%Y} {at}"


LIST = "\n".join([
    "Machine;Finished;Parts good;Scrap",
    f"press-0001;{clock(0, '06:12:00')};40;1",
    f"press-0001;{clock(0, '06:13:30')};8;0",
    f"press-0002;{clock(0, '06:20:00')};12;2",
    f"press-0001;{clock(0, '07:05:00')};52;3",
    f"press-0002;{clock(0, '09:20:00')};14;0",
    f"press-0001;{clock(1, '06:05:00')};22;0",
    f"press-0002;{clock(3, '06:05:00')};9;1",
])  # fmt: skip


def read(text: str, **choices: str) -> Content:
    given = Choices(**{"zone": "Europe/Berlin", **choices})  # type: ignore[arg-type]
    return read_bytes(text.encode(), "mes.csv", given, plant_zone=PLANT_ZONE.key)


def test_a_list_of_lots_is_read_as_it_is() -> None:
    """Lots of a quarter hour add up; good and rejected ones are parts together."""
    content = read(LIST)
    assert content.machines == ("press-0001", "press-0002")
    assert not content.signals
    found = {each.what: (each.value, each.why) for each in content.findings}
    assert found["parts_values"][0] == "lots"
    assert found["scrap"] == ("Scrap", "'Parts good' counts good parts: all parts are those and the rejected ones")
    monday, tuesday = days_of("press-0001", None, PLANT_ZONE, "b", parts=content.parts["press-0001"])
    assert (monday.parts[24], monday.scrap[24]) == (49.0, 1.0)
    assert (monday.parts[28], monday.scrap[28]) == (55.0, 3.0)
    assert (tuesday.parts[24], tuesday.scrap[24]) == (22.0, 0.0)


def test_between_lots_no_part_was_made_and_further_apart_nobody_knows() -> None:
    """As between events of the same day or of successive ones."""
    content = read(LIST)
    monday, tuesday = days_of("press-0001", None, PLANT_ZONE, "b", parts=content.parts["press-0001"])
    assert monday.parts[:24] == (None,) * 24
    assert set(monday.parts[29:]) == set(tuesday.parts[:24]) == {0.0}
    assert set(tuesday.parts[25:]) == {None}
    first, last = days_of("press-0002", None, PLANT_ZONE, "b", parts=content.parts["press-0002"])
    assert (first.date, last.date) == (MONDAY, MONDAY + 3 * DAY)
    assert set(first.parts[26:37]) == {0.0}
    assert set(first.parts[38:]) == {None}


def test_a_column_with_the_beginning_has_a_lot_spread_over_its_time() -> None:
    text = "\n".join([
        "Machine;Begin;End;Parts;Rejects",
        *(f"press-0001;{clock(0, begin)};{clock(0, end)};{parts};{scrap}" for begin, end, parts, scrap in (
            ("06:00:00", "07:00:00", 80, 4), ("07:03:00", "07:11:00", 12, 0), ("08:00:00", "08:30:00", 30, 2),
            ("09:00:00", "09:07:00", 9, 0), ("10:01:00", "10:44:00", 51, 1),
        )),
    ])  # fmt: skip
    content = read(text, parts_values="lots")
    (day,) = days_of("press-0001", None, PLANT_ZONE, "b", parts=content.parts["press-0001"])
    assert day.parts[24:28] == (20.0,) * 4
    assert day.scrap[24:28] == (1.0,) * 4
    assert sum(each or 0.0 for each in day.parts) == pytest.approx(182.0)


def test_what_is_no_lot_is_left_out_and_said() -> None:
    at = np.array([1000 * (START + 900 * n) for n in range(1, 5)], dtype=np.int64)
    begin = at - np.array([0, 0, 0, 25 * 3_600_000])
    parts, (finding,) = parts_of_lots(
        begin, at, np.array([5.0, -1.0, 3.0, 7.0]), np.array([0.0, 0.0, 4.0, 0.0]), PLANT_ZONE
    )
    assert (parts.total, len(parts), finding.value) == (5.0, 1, "3")
    assert datetime.fromtimestamp(int(parts.start_ms[0]) / 1000, UTC).timestamp() == START


def test_a_list_that_does_not_show_what_it_counts_is_asked_about() -> None:
    """At any time and only rising: lots, or a counter."""
    rising = "\n".join(["Machine;Finished;Parts", *(
        f"press-0001;{clock(0, at)};{n}" for n, at in enumerate(("06:01:00", "06:09:00", "07:30:00", "08:02:10"), 1)
    )])  # fmt: skip
    with pytest.raises(NotProved, match="lots"):
        read(rising)
    assert read(rising, parts_values="lots").parts["press-0001"].total == 10.0
    assert read(LIST, scrap="").signals["press-0001"].values.keys() == {"scrap"}


def test_a_lot_without_an_end_is_left_out_and_said() -> None:
    """An order that was not finished when the list was made."""
    rows = [("06:00:00", "07:00:00"), ("07:03:00", "07:11:00"), ("08:00:00", "")]
    text = "\n".join([
        "Machine;Begin;End;Parts",
        *(f"press-0001;{clock(0, begin)};{clock(0, end) if end else ''};10" for begin, end in rows),
    ])  # fmt: skip
    content = read(text, parts_values="lots")
    assert content.parts["press-0001"].total == pytest.approx(20.0)
    assert ("rows", "1", "1 lots have no end and are left out") in [
        (each.what, each.value, each.why) for each in content.findings
    ]
