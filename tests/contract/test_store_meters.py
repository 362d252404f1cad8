"""What every service may rely on of meters, and of what they are counted on from, on a real database."""

from datetime import timedelta

from msgspec.structs import replace

from energytrack.ledger.parts import PartsCounter
from energytrack.ledger.presence import ReadingSpan
from energytrack.metering.limits import UsageHistory
from energytrack.metering.values import Meter, MeterRecord
from energytrack.production.counters import Counters
from energytrack.production.spells import StateMark
from energytrack.store import Store
from energytrack.store.link import IDS_AT_ONCE
from energytrack.store.meters import CountingState
from energytrack.store.telemetry.openings import Opening
from testkit.builders.ledger import DAY

ONE = timedelta(days=1)
METER = Meter(1000.0, None, None, False, 1000.0, MeterRecord(UsageHistory(0.0)))


class TestCountingState:
    def test_the_ledgers_meter_is_kept_beside_the_live_one(self, store: Store) -> None:
        """Whoever counts on goes from the older one; a mark stays until it is taken off, the earliest wins."""
        later = replace(METER, at=METER.at + 60.0)
        store.meters.put_counted([("cnc-0007", METER)])
        store.meters.put([("cnc-0007", later)])
        assert store.meters.counting(["cnc-0007"]) == {"cnc-0007": CountingState(METER, None, None)}
        assert store.meters.get(["cnc-0007"]) == {"cnc-0007": later}
        store.meters.mark("cnc-0007", 20.0)
        store.meters.mark("cnc-0007", 10.0)
        store.meters.unmark("cnc-0007", 20.0, now=30.0)
        assert store.meters.counting(["cnc-0007"])["cnc-0007"].recount_from == 10.0
        store.meters.unmark("cnc-0007", 10.0, now=30.0)
        assert store.meters.counting(["cnc-0007"])["cnc-0007"].recount_from is None

    def test_whoever_is_behind_moves_no_meter_back(self, store: Store) -> None:
        """What the ledger holds is noted all the same: its days are stored up to there."""
        later, newest = (replace(METER, at=METER.at + seconds) for seconds in (60.0, 90.0))
        store.meters.put_counted([("cnc-0007", METER)])
        store.meters.put([("cnc-0007", newest)])
        store.meters.put_counted([("cnc-0006", METER), ("cnc-0007", later)])
        assert store.meters.counting(["cnc-0007"])["cnc-0007"].meter == later
        assert store.meters.get(["cnc-0006", "cnc-0007"]) == {"cnc-0006": METER, "cnc-0007": newest}
        store.meters.put_counted([("cnc-0007", METER)])
        assert store.meters.counting(["cnc-0007"])["cnc-0007"].meter == later

    def test_of_a_large_plant_all_that_were_asked_for_are_found(self, store: Store) -> None:
        """And no other, in whatever pieces they are asked for."""
        names = [f"cnc-{number:04d}" for number in range(2 * IDS_AT_ONCE + 10)]
        store.meters.put([(name, METER) for name in names])
        asked = names[5:]
        assert store.meters.get([*asked, "drill-0001"]) == dict.fromkeys(asked, METER)
        assert store.meters.reading_spans(asked).keys() == set(asked)

    def test_new_machines_and_known_ones_begin_together(self, store: Store) -> None:
        """The earliest time holds, and what else is known of a machine stays."""
        store.meters.begin({"cnc-0007": 20.0})
        store.meters.mark("cnc-0008", 5.0)
        store.meters.begin({"cnc-0006": 3.0, "cnc-0007": 30.0, "cnc-0008": 7.0})
        found = store.meters.counting(["cnc-0006", "cnc-0007", "cnc-0008"])
        assert {name: state.begun for name, state in found.items()} == {
            "cnc-0006": 3.0,
            "cnc-0007": 20.0,
            "cnc-0008": 7.0,
        }
        assert found["cnc-0008"].recount_from == 5.0

    def test_when_a_machine_was_first_heard_never_gets_later(self, store: Store) -> None:
        """And an older name's time counts for the new one, too."""
        store.meters.note_since({"cnc-0007": 500.0, "old-1": 100.0})
        store.meters.note_since({"cnc-0007": 900.0})
        store.meters.note_since({})
        store.meters.put_counted([("cnc-0007", METER)])
        assert store.meters.reading_spans() == {
            "cnc-0007": ReadingSpan(500.0, METER.at),
            "old-1": ReadingSpan(100.0, None),
        }
        assert store.meters.reading_spans(["old-1"]) == {"old-1": ReadingSpan(100.0, None)}
        store.machines.rename("old-1", "cnc-0007")
        assert store.meters.reading_spans() == {"cnc-0007": ReadingSpan(100.0, METER.at)}

    def test_a_new_machine_is_counted_from_its_first_reading(self, store: Store) -> None:
        store.meters.begin({"cnc-0007": 20.0})
        store.meters.put([("cnc-0007", METER)])
        assert store.meters.counting(["cnc-0007"]) == {"cnc-0007": CountingState(None, 20.0, None)}

    def test_a_meter_from_before_there_was_a_ledger_begins_it(self, store: Store) -> None:
        store.meters.put([("cnc-0007", METER)])
        assert store.meters.counting(["cnc-0007"]) == {"cnc-0007": CountingState(METER, None, None)}


class TestOpenings:
    def test_the_opening_of_a_day_or_of_the_last_one_before_is_found(self, store: Store) -> None:
        """And where there is none, the first one after."""
        store.openings.put([Opening("cnc-0007", DAY, None), Opening("cnc-0007", DAY + 3 * ONE, METER)])
        assert store.openings.before("cnc-0007", DAY + 2 * ONE) == Opening("cnc-0007", DAY, None)
        assert store.openings.before("cnc-0007", DAY + 3 * ONE) == Opening("cnc-0007", DAY + 3 * ONE, METER)
        assert store.openings.before("cnc-0007", DAY - ONE) is None
        assert store.openings.after("cnc-0007", DAY - ONE) == Opening("cnc-0007", DAY, None)
        assert store.openings.expire("cnc-0007", before=DAY + ONE) == 1
        assert store.openings.before("cnc-0007", DAY + 2 * ONE) is None


def test_what_production_goes_on_from_is_kept_with_the_meter(store: Store) -> None:
    counters = Counters(PartsCounter(1000.0, 48211.0, 3.0, 2.0), PartsCounter(1000.0, 7.0), StateMark(1000.0, "idle"))
    store.meters.put_counted([("cnc-0007", METER)], {"cnc-0007": counters})
    assert store.meters.counting(["cnc-0007"])["cnc-0007"].counters == counters
    opening = Opening("cnc-0007", DAY, METER, counters)
    store.openings.put([opening])
    assert store.openings.before("cnc-0007", DAY) == opening
