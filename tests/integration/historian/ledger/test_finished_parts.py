"""Parts that events tell of, in a real database: each counts once, and where it belongs."""

from datetime import timedelta

import numpy as np
import pytest
from msgspec.structs import replace
from prometheus_client import CollectorRegistry

from energytrack.clock import ManualClock
from energytrack.ledger.presence import Presence
from energytrack.ledger.sums import total
from energytrack.production.reading import ProductionReader
from energytrack.store import Store
from energytrack.store.telemetry.finished_parts import KEPT
from testkit import dates
from tests.integration.historian.filings import PLANT
from tests.integration.historian.ledger.finished_parts import (
    MORNING,
    START,
    corrected,
    file_events,
    finished,
    parts,
    take_over,
)
from tests.integration.historian.ledger.test_files import DAY, MINUTE, a_filing, days, filed, month_sums, readings


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


def test_a_quarter_hour_has_what_was_finished_in_it(store: Store, clock: ManualClock) -> None:
    """Twice delivered counts once; between two events there was none; what lies before the first is unknown."""
    events = [
        finished("a", MORNING + MINUTE),
        finished("b", MORNING + 2 * MINUTE, 3.0),
        finished("c", MORNING + 50 * MINUTE, 2.0, scrap=1.0),
    ]
    file_events(store, [*events, *events], clock)
    assert parts(store) == {"Mon": [4.0, 0.0, 0.0, 2.0]}
    (day,) = days(store)
    assert (day.scrap or ())[24:28] == (0.0, 0.0, 0.0, 1.0)
    assert day.sums().known_parts == 6.0
    file_events(store, events, clock)
    assert parts(store) == {"Mon": [4.0, 0.0, 0.0, 2.0]}
    assert total(each.sums for each in month_sums(store)).parts == 6.0


def test_what_took_its_time_is_spread_over_it(store: Store, clock: ManualClock) -> None:
    """Also over midnight, where a lot belongs to two days."""
    late = START + timedelta(hours=2, minutes=30)
    clock.advance(4 * 3600)
    file_events(store, [finished("lot", late, 120.0, since=late - timedelta(hours=1), scrap=12.0)], clock)
    assert parts(store) == {"Mon": [30.0, 30.0], "Tue": [30.0, 30.0]}
    assert [day.sums().known_scrap for day in days(store)] == [6.0, 6.0]


def test_between_the_events_of_successive_days_no_part_was_finished(store: Store, clock: ManualClock) -> None:
    """The night between them is known, whichever came first; a day without an event is not."""
    clock.advance(4 * 86_400)
    evening, morning = MORNING + timedelta(hours=14), MORNING + timedelta(hours=24)
    file_events(store, [finished("b", morning)], clock)
    assert parts(store) == {"Tue": [1.0]}
    file_events(store, [finished("a", evening)], clock)
    assert parts(store) == {"Mon": [1.0, *[0.0] * 16], "Tue": [*[0.0] * 23, 1.0]}
    file_events(store, [finished("c", morning + 2 * DAY)], clock)
    assert parts(store)["Tue"][-1] == 1.0
    assert parts(store)["Thu"] == [1.0]


def test_the_order_of_arrival_does_not_matter(store: Store, clock: ManualClock) -> None:
    """Late ones, whole days later, and corrections before what they correct included."""
    events = [finished(f"e{n}", MORNING + n * 7 * MINUTE, float(n % 5), scrap=float(n % 2)) for n in range(60)]
    events += [corrected(f"k{n}", f"e{n}", 9.0, at=START + n * MINUTE, scrap=2.0) for n in range(0, 60, 11)]
    events += [corrected("late", "e0", 1.0, at=START + DAY, scrap=0.0)]
    clock.advance(2 * 86_400)
    file_events(store, events, clock)
    expected = parts(store)["Mon"], days(store)[0].scrap
    other = [replace(each, device_id="cnc-0008", event_id=f"{each.event_id}x") for each in events]
    other = [replace(each, corrects=f"{each.corrects}x") if hasattr(each, "corrects") else each for each in other]
    shuffled = [other[index] for index in np.random.default_rng(3).permutation(len(other))]
    for n in range(0, len(other), 7):
        file_events(store, shuffled[n : n + 9], clock)  # a new historian each time, and some of them twice
    (day,) = days(store, "cnc-0008")
    assert ([each for each in day.parts or () if each is not None], day.scrap) == expected
    assert store.finished_parts.marked_machines() == set()


def test_a_correction_counts_instead_and_the_latest_of_several(store: Store, clock: ManualClock) -> None:
    """Wherever it comes in time; none of another machine does."""
    file_events(store, [finished("a", MORNING, 12.0, scrap=1.0), finished("b", MORNING + MINUTE, 5.0)], clock)
    file_events(store, [corrected("k2", "a", 10.0, at=START + 2 * MINUTE, scrap=4.0)], clock)
    file_events(store, [corrected("k1", "a", 11.0, at=START + MINUTE)], clock)
    file_events(store, [replace(corrected("k3", "b", 0.0, at=START), device_id="cnc-0008")], clock)
    (day,) = days(store)
    assert (day.sums().parts, day.sums().known_scrap) == (15.0, 4.0)
    file_events(store, [corrected("k4", "a", 0.0, at=START + 3 * MINUTE)], clock)
    assert days(store)[0].sums().parts == 5.0
    assert days(store)[0].sums().known_scrap is None


def test_energy_per_part_is_of_all_quarter_hours_between_the_events(store: Store, clock: ManualClock) -> None:
    """Two hours at 6 kW with a part each half hour: 3 kWh each, not the 1.5 of the quarter hours with a part."""
    given = [replace(each, parts=None, scrap=None) for each in readings(241)]
    filed(store, clock, given)
    file_events(store, [finished(f"p{n}", START + timedelta(minutes=15 + 30 * n)) for n in range(4)], clock)
    monday = days(store)[0].sums()
    assert (monday.parts, monday.metered_parts) == (4.0, 4.0)
    assert monday.metered_parts_kwh == pytest.approx(7 * 1.5)
    assert monday.kwh_per_part == pytest.approx(7 * 1.5 / 4)


def test_oee_has_them(store: Store, clock: ManualClock) -> None:
    """Performance and quality of a machine that only events tell of: a shift later, like those of a counter."""
    at = dates.at_plant("mon", "10:00")
    given = [replace(each, parts=None, scrap=None) for each in readings(241, start=at)]
    filed(store, clock, given)
    file_events(store, [finished("lot", at + timedelta(hours=3), 90.0, since=at, scrap=9.0)], clock)
    presences = {"cnc-0007": Presence(at.timestamp(), clock.now().timestamp())}
    (day,) = ProductionReader(store, PLANT).days(dates.MONDAY, dates.MONDAY, presences, now=clock.now())
    assert day.amounts.parts == pytest.approx(75.0)  # 7.5 in each quarter hour, without those of the break
    assert day.amounts.estimated_parts == 0.0
    assert day.amounts.quality == pytest.approx(0.9)
    assert day.amounts.performance is not None


def test_the_machine_s_own_counter_goes_before_events(store: Store, clock: ManualClock) -> None:
    """Where both tell, one counts; where the counter tells nothing, events do."""
    filed(store, clock, readings(241))
    own = days(store)[0].sums().parts
    file_events(
        store, [finished("twice", START + 30 * MINUTE, 500.0), finished("before", START - 30 * MINUTE, 7.0)], clock
    )
    assert days(store)[0].sums().parts == own + 7.0


def test_an_event_of_a_new_day_may_come_before_its_first_reading(store: Store, clock: ManualClock) -> None:
    """Also if the day before is recounted meanwhile."""
    given = [replace(each, parts=None, scrap=None) for each in readings(180)]
    filing = a_filing(store, clock)
    clock.advance(2 * 3600 + 60)
    take_over(filing, clock, [*given[:50], *given[60:119]])
    take_over(filing, clock, [finished("a", START + timedelta(hours=2, seconds=30), 3.0)])
    for late in (given[50:60], given[121:125]):
        take_over(filing, clock, late)
        for _ in range(12):
            clock.advance(5)
            filing.settle()
        assert store.meters.counting(["cnc-0007"])["cnc-0007"].recount_from is None
    filing.finish()
    assert parts(store) == {"Tue": [3.0]}
    assert total(each.sums for each in month_sums(store)).parts == 3.0


def test_readings_of_a_machine_that_only_events_reported_go_on_with_its_day(store: Store, clock: ManualClock) -> None:
    """A new historian has no meter of it, but a stored day."""
    file_events(store, [finished("a", START - 30 * MINUTE, 7.0)], clock)
    given = [replace(each, parts=None, scrap=None) for each in readings(61)]
    filing = a_filing(store, clock)
    clock.advance(3600)
    take_over(filing, clock, given)
    filing.finish()
    (day,) = days(store)
    assert day.sums().parts == 7.0
    assert day.sums().kwh == pytest.approx(6.0)
    assert total(each.sums for each in month_sums(store)).parts == 7.0


def test_days_that_only_events_tell_of_are_let_go(store: Store, clock: ManualClock) -> None:
    """Else a machine that never sends a reading would have more of them at hand each day; late events find them."""
    filing = a_filing(store, clock)
    for n in range(6):
        take_over(filing, clock, [finished(f"e{n}", START + n * DAY, 2.0)])
        clock.advance(86_400)
    machine = filing.meters.get("cnc-0007")
    assert machine is not None
    assert [f"{day.date:%a}" for day in machine.days] == ["Fri", "Sat"]
    take_over(filing, clock, [finished("late", START + MINUTE, 5.0)])
    assert [day.sums().parts for day in days(store)] == [7.0, 2.0, 2.0, 2.0, 2.0, 2.0]
    assert total(each.sums for each in month_sums(store)).parts == 17.0


def test_what_is_too_late_is_named(store: Store, clock: ManualClock) -> None:
    """The other events of so long ago are not kept, so the quarter hour could not be made again."""
    old = START - KEPT - MINUTE
    file_events(store, [finished("old", old), finished("young", old + 2 * MINUTE)], clock)
    assert [day.sums().parts for day in days(store)] == []
    (day,) = store.ledger.days(["cnc-0007"], old.date(), old.date())
    assert day.sums().parts == 1.0
    clock.advance(86_400 * (KEPT.days + 5))
    again = clock.now() - timedelta(days=KEPT.days + 6)
    assert store.finished_parts.open_again(again) == 1  # as a backup of so long ago does when it is restored
    assert store.finished_parts.expire("cnc-0007", now=clock.now()) == 0
    store.finished_parts.unmark("cnc-0007", store.finished_parts.marked(["cnc-0007"])["cnc-0007"], now=again)
    assert store.finished_parts.expire("cnc-0007", now=clock.now()) == 2  # with its mark
    assert store.finished_parts.expire("cnc-0007", now=clock.now()) == 0


def test_a_correction_that_counts_nowhere_is_named_and_not_kept(store: Store, clock: ManualClock) -> None:
    """Of an event that is stored but may not change any more, and of another machine's: a rebuild must not find it."""
    file_events(store, [finished("old", MORNING)], clock)
    clock.advance(86_400 * KEPT.days + 43_200)
    registry = CollectorRegistry()
    filing = a_filing(store, clock, registry=registry)
    take_over(filing, clock, [corrected("c", "old", 9.0, at=clock.now())])
    assert registry.get_sample_value("energytrack_historian_parts_too_late_total") == 1.0
    take_over(filing, clock, [finished("young", clock.now() - 60 * MINUTE)])
    stranger = replace(corrected("d", "young", 9.0, at=clock.now()), device_id="cnc-0008")
    take_over(filing, clock, [stranger])
    assert registry.get_sample_value("energytrack_historian_parts_corrections_unmatched_total") == 1.0
    corrections = store.link.collection(store.finished_parts.corrections_name)
    assert [each["_id"] for each in corrections.find()] == []
    assert days(store)[0].sums().parts == 1.0


def test_an_event_of_tomorrow_that_comes_ahead_of_midnight_is_between_days(store: Store, clock: ManualClock) -> None:
    """An MES whose clock is two minutes ahead: the rest of today is known all the same."""
    midnight = START + 120 * MINUTE
    clock.advance(119 * 60)
    file_events(store, [finished("a", midnight - 40 * MINUTE)], clock)
    file_events(store, [finished("b", midnight + MINUTE)], clock)
    assert parts(store) == {"Mon": [1.0, 0.0, 0.0], "Tue": [1.0]}


def test_a_microsecond_does_not_lose_a_part(store: Store, clock: ManualClock) -> None:
    """The database keeps milliseconds: what was finished just after a quarter hour is in the one that it keeps."""
    file_events(store, [finished("a", MORNING + timedelta(microseconds=400))], clock)
    assert parts(store) == {"Mon": [1.0]}
