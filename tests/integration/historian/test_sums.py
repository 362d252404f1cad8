"""Sums of days and months follow the ledger on request, in a real database."""

from argparse import Namespace
from datetime import timedelta

import pytest
from msgspec.structs import replace

from energytrack.ledger.sums import NOTHING, total
from energytrack.store import Store
from historian import sums
from historian.sums import sum_up
from testkit import dates
from testkit.builders.ledger import a_correction, a_day

FIRST = dates.MONDAY.replace(day=1)


def months(store: Store) -> dict[str | None, tuple[float, float | None]]:
    """Parts and energy per part of the month, by line."""
    found = store.rollups.months(FIRST, FIRST)
    return {each.place.line: (each.sums.parts, each.sums.kwh_per_part) for each in found}


def test_sums_that_an_older_release_filed_follow_the_ledger(store: Store) -> None:
    """By day and by month, on each place where the machine stood; what people decided is applied later, as always."""
    days = [a_day(day=FIRST + timedelta(days=n), parts=(4.0,) * len(a_day(day=FIRST + timedelta(days=n))))
            for n in range(3)]  # fmt: skip
    days[2] = replace(days[2], line="machining-b")
    store.ledger.put(days)
    store.meters.note_since({"cnc-0007": days[0].start})
    by_day, by_month = sums.sums_of(days)
    old = [each._replace(sums=replace(NOTHING, measured_kwh=each.sums.measured_kwh)) for each in by_day]
    store.rollups.put(old, [each._replace(sums=replace(NOTHING, measured_kwh=1.0)) for each in by_month])
    store.corrections.add(a_correction(0, 4, day=FIRST, decision="value", kwh=100.0))
    assert set(months(store).values()) == {(0.0, None)}
    assert sum_up(store, FIRST, FIRST) == 1
    quarters = len(days[0]) + len(days[1])
    assert months(store) == {"machining-a": (4.0 * quarters, 0.5), "machining-b": (4.0 * len(days[2]), 0.5)}
    whole = total(each.sums for each in store.rollups.days(FIRST, FIRST + timedelta(days=2)))
    assert (whole.parts, whole.corrected_kwh) == (4.0 * (quarters + len(days[2])), 0.0)
    assert [day.revision for day in store.ledger.counted_between("cnc-0007", FIRST, days[2].date)] == [1, 1, 1]


def test_dates_in_the_wrong_order_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """Before anything is asked of the database."""
    asked = Namespace(first=dates.MONDAY, last=dates.MONDAY - timedelta(days=1))
    assert sums.run(asked, {}) == 1
    assert "is after --to" in capsys.readouterr().err
