from typing import Any

import pytest
from msgspec.structs import replace

from energytrack.ledger.day import Day
from energytrack.ledger.documents import from_document, to_document
from energytrack.ledger.finished import Lot, QuarterParts, by_quarter, with_finished
from energytrack.ledger.imported import FromFile, filled, with_imports
from testkit.builders.ledger import a_day

DAY = a_day()
START = DAY.start


def day_with(finished: dict[int, float], scrap: dict[int, float] | None = None, **fields: Any) -> Day:
    """A day with parts by quarter hour, as events tell them."""
    column = tuple(finished.get(index) for index in range(len(DAY)))
    rejected = None if scrap is None else tuple(scrap.get(index) for index in range(len(DAY)))
    return replace(DAY, finished_parts=column, finished_scrap=rejected, **fields)


def test_a_quarter_hour_has_all_lots_that_end_in_it() -> None:
    """The end of a quarter hour belongs to it; whether scrap is known, the lots say."""
    lots = [Lot(START + 1, START + 1, 2.0), Lot(START + 900, START + 900, 3.0, 1.0), Lot(START + 901, START + 901, 5.0)]
    assert by_quarter(lots, [START, START + 900, START + 1800]) == {
        START: QuarterParts(5.0, 1.0), START + 900: QuarterParts(5.0, None), START + 1800: None,
    }  # fmt: skip


def test_what_took_its_time_is_in_each_of_its_quarter_hours() -> None:
    """Also where nothing came of it."""
    lot = Lot(START, START + 3600, 8.0, 2.0)
    assert by_quarter([lot], [START, START + 2700]) == dict.fromkeys((START, START + 2700), QuarterParts(2.0, 0.5))
    none = replace(lot, parts=0.0, scrap=None)
    assert by_quarter([none], [START + 900]) == {START + 900: QuarterParts(0.0, None)}
    assert list(none.quarters()) == [START + 900 * n for n in range(4)]


@pytest.mark.parametrize(
    ("around", "known"), [((False, False), range(10, 21)), ((True, False), range(21)), ((False, True), range(10, 96))]
)
def test_between_events_no_part_was_finished(around: tuple[bool, bool], known: range) -> None:
    """And before the first and after the last, where the day beside it has events as well."""
    day = day_with({10: 4.0, 20: 6.0}, {20: 1.0}, finished_before=around[0], finished_after=around[1])
    found = with_finished(day)
    assert [index for index, parts in enumerate(found.parts or ()) if parts is not None] == list(known)
    assert found.sums().parts == 10.0
    assert (found.scrap or ())[10] == 0.0
    assert with_finished(found) == found
    assert from_document(to_document(day)) == day


def test_a_counter_goes_before_events_those_before_a_file_and_that_before_an_estimate() -> None:
    """Quarter hour by quarter hour."""
    day = day_with(
        {1: 20.0, 2: 20.0}, parts=(10.0, 10.0, *(None,) * 94), cycle_parts=(40.0,) * 96, cycles_until=DAY.end
    )
    day = with_imports(day, [FromFile("b", (None,) * 96, (30.0,) * 4 + (None,) * 92)])
    found = filled(day)
    assert (found.parts or ())[:6] == (10.0, 10.0, 20.0, 30.0, 40.0, 40.0)
    assert found.parts_estimated == tuple(range(4, 96))
    assert [found.quarter(index).parts_from for index in range(5)] == [
        "counter",
        "counter",
        "events",
        "file",
        "current",
    ]
    sums = found.sums()
    assert sums.parts_from == ("counter", "events", "file", "current")
    assert sums.counter_parts_seconds + sums.event_parts_seconds + sums.file_parts_seconds == 4 * 900.0
    assert filled(found) == found
    assert DAY.quarter(0).parts_from is None


def test_a_day_without_events_is_left_as_it_is() -> None:
    assert with_finished(DAY) is DAY
    assert with_finished(replace(DAY, finished_parts=(None,) * 96)).sums().known_parts is None
