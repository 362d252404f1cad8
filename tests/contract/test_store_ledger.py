"""What every service may rely on of the energy ledger in the store, on a real database."""

from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from energytrack.ledger.correction import decided
from energytrack.ledger.day import Revision
from energytrack.ledger.rollup import DaySums, MonthSums
from energytrack.plant import Place
from energytrack.store import Store
from energytrack.store.link import FEW, IDS_AT_ONCE
from energytrack.store.operations.schedules import Schedule
from energytrack.store.telemetry.imports import Batch
from testkit import dates
from testkit.builders.ledger import DAY, a_correction, a_day
from testkit.builders.messages import NOW

ONE = timedelta(days=1)


class TestLedger:
    def test_a_day_comes_back_as_it_was_filed(self, store: Store) -> None:
        """To the bit, and replaced when it is filed again."""
        day = a_day(measured_kwh={3: 0.1 + 0.2}, suspect_kwh={4: 5.0}, price_per_kwh={3: 0.21})
        store.ledger.put([a_day(), day])
        assert store.ledger.day("cnc-0007", DAY) == day
        assert store.ledger.day("cnc-0007", DAY + ONE) is None

    def test_of_two_that_made_a_day_from_the_same_one_only_the_first_may_write(self, store: Store) -> None:
        """The other has to read again: else what the first found would be lost. Whoever wrote goes on."""
        key = ("cnc-0007", DAY)
        before = a_day()
        assert store.ledger.put([before], instead_of={}) == ()
        first, second = (
            replace(before, finished_parts=(3.0,) * 96),
            replace(before, revision=2, cycle_parts=(1.0,) * 96),
        )
        assert store.ledger.put([first], instead_of={key: before}) == ()
        assert store.ledger.put([second], instead_of={key: before}) == [key]
        assert store.ledger.metered([key]) == {key: first}
        assert store.ledger.put([second], instead_of={}) == [key]
        assert store.ledger.put([second], instead_of=store.ledger.metered([key])) == ()
        assert store.ledger.put([first], instead_of={key: first}) == [key]
        assert store.ledger.metered([key]) == {key: second}

    def test_of_many_days_those_that_somebody_else_has_written_are_refused(self, store: Store) -> None:
        """And no others, however many were written at once."""
        days = [a_day(f"cnc-{number:04d}") for number in range(2 * IDS_AT_ONCE + 10)]
        store.ledger.put(days[5:])
        refused = store.ledger.put([replace(day, parts=(1.0,) * 96) for day in days], instead_of={})
        assert sorted(refused) == [(day.device_id, DAY) for day in days[5:]]

    def test_a_write_whose_answer_was_lost_is_not_refused_when_it_is_tried_again(self, store: Store) -> None:
        before, after = a_day(), a_day(parts=(1.0,) * 96)
        store.ledger.put([before])
        for _ in range(2):
            assert store.ledger.put([after], instead_of={("cnc-0007", DAY): before}) == ()

    def test_a_day_of_an_earlier_release_is_replaced_as_it_was_then(self, store: Store) -> None:
        """It has no digest; the new one has."""
        key, before = ("cnc-0007", DAY), replace(a_day(), revision=2, revisions=(Revision(2, NOW, "rebuild", 1.0),))
        store.ledger.put([before])
        store.link.collection("ledger").update_many({}, {"$unset": {"digest": ""}})
        after = replace(before, parts=(1.0,) * 96)
        assert store.ledger.put([after], instead_of={key: before}) == ()
        assert store.ledger.put([before], instead_of={key: before}) == [key]

    def test_a_day_that_was_changed_by_hand_can_be_replaced(self, store: Store) -> None:
        """By who has read it so; also by what stood there before."""
        key, before = ("cnc-0007", DAY), a_day()
        store.ledger.put([before])
        store.link.collection("ledger").update_one({}, {"$set": {"measured_kwh": 9.0}})
        after = replace(before, parts=(1.0,) * 96)
        assert store.ledger.put([after], instead_of=store.ledger.metered([key])) == []
        assert store.ledger.metered([key]) == {key: after}
        store.link.collection("ledger").update_one({}, {"$unset": {"parts": ""}})
        assert store.ledger.put([after], instead_of=store.ledger.metered([key])) == []
        assert store.ledger.metered([key]) == {key: after}

    @pytest.mark.parametrize("day", [dates.CLOCKS_FORWARD, dates.CLOCKS_BACK])
    def test_days_on_which_the_clocks_change_come_back(self, store: Store, day: date) -> None:
        """With 92 and 100 quarter hours."""
        store.ledger.put([a_day(day=day)])
        assert store.ledger.day("cnc-0007", day) == a_day(day=day)

    def test_days_come_machine_after_machine_oldest_first(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        """However small the pages; days that are not there are left out."""
        monkeypatch.setattr("energytrack.store.telemetry.ledger.PAGE", 3)
        days = [a_day(device, DAY + n * ONE) for device in ("cnc-0007", "press-0001") for n in (0, 1, 3, 4)]
        store.ledger.put(list(reversed(days)))
        assert list(store.ledger.days(["cnc-0007", "press-0001"], DAY, DAY + 4 * ONE)) == days
        assert list(store.ledger.days(["press-0001"], DAY + ONE, DAY + 3 * ONE)) == days[5:7]

    @pytest.mark.parametrize("count", [2, FEW + 5])
    def test_days_since_a_date_are_those_of_the_machines_asked_for(self, store: Store, count: int) -> None:
        """Of a few they are asked for one by one, of many by day."""
        names = [f"cnc-{number:04d}" for number in range(FEW + 10)]
        store.ledger.put([a_day(name, DAY + n * ONE) for name in names for n in (-1, 0, 1)])
        found = [(day.device_id, day.date) for day in store.ledger.counted_since(names[:count], DAY)]
        assert sorted(found) == [(name, DAY + n * ONE) for name in names[:count] for n in (0, 1)]

    def test_decisions_are_filled_in_and_survive_a_day_that_is_filed_again(self, store: Store) -> None:
        """What the meter says and what people decided lie apart."""
        day, correction = a_day(suspect_kwh={4: 7.0}), a_correction(4, suspect_kwh=(7.0,))
        store.ledger.put([day])
        store.corrections.add(correction)
        store.corrections.add(a_correction(4, device_id="press-0001", correction_id="01B"))
        store.ledger.put([day])
        assert store.ledger.day("cnc-0007", DAY) == decided(day, [correction])
        assert store.ledger.metered([("cnc-0007", DAY)]) == {("cnc-0007", DAY): day}

    def test_old_days_of_one_machine_go(self, store: Store) -> None:
        """And nothing else."""
        store.ledger.put([a_day(device, DAY + n * ONE) for device in ("cnc-0007", "cnc-00071") for n in (0, 1, 2)])
        assert store.ledger.expire("cnc-0007", before=DAY + ONE) == 1
        assert len(list(store.ledger.days(["cnc-0007", "cnc-00071"], DAY, DAY + 2 * ONE))) == 5


class TestCorrections:
    def test_decisions_come_back_as_they_were_made(self, store: Store) -> None:
        """Who, when, why and what counted before."""
        correction = a_correction(4, 2, decision="value", kwh=1.25, before_kwh=None)
        store.corrections.add(correction)
        store.corrections.add(correction)
        assert list(store.corrections.latest(limit=5)) == [correction]

    def test_the_newest_come_first_and_page_by_page(self, store: Store) -> None:
        """Of one machine, or of all."""
        for name, device in (("01A", "cnc-0007"), ("01B", "press-0001"), ("01C", "cnc-0007")):
            store.corrections.add(a_correction(correction_id=name, device_id=device))
        found = store.corrections.latest(limit=2)
        assert [each.correction_id for each in found] == ["01C", "01B"]
        assert [each.correction_id for each in store.corrections.latest(limit=2, before="01B")] == ["01A"]
        own = store.corrections.latest(limit=5, device_id="cnc-0007")
        assert [each.correction_id for each in own] == ["01C", "01A"]

    def test_decisions_are_found_by_the_time_that_they_are_about(self, store: Store) -> None:
        """Those that touch a stretch, the oldest decision first."""
        store.corrections.add(a_correction(8, correction_id="01A"))
        store.corrections.add(a_correction(4, 4, correction_id="01B"))
        stretch = a_correction(4, 4)
        assert [each.correction_id for each in store.corrections.within(stretch.start, stretch.end)] == ["01B"]
        found = store.corrections.within(stretch.start, stretch.end + timedelta(seconds=1), device_ids=["cnc-0007"])
        assert [each.correction_id for each in found] == ["01A", "01B"]
        assert not store.corrections.within(stretch.start, stretch.end, device_ids=["press-0001"])


class TestRollups:
    def test_sums_of_days_and_months_come_back_for_some_machines_and_for_all(self, store: Store) -> None:
        sums, place = a_day().sums(), Place("cnc_machine", "machining-a")
        days = [DaySums(device, DAY, place, sums) for device in ("cnc-0007", "cnc-0008")]
        months = [MonthSums(each.device_id, DAY.year, DAY.month, place, sums) for each in days]
        store.rollups.put(days, months)
        store.rollups.put(days[:1], months[:1])
        assert sorted(store.rollups.days(DAY - ONE, DAY)) == days
        assert list(store.rollups.days(DAY, DAY, device_ids=["cnc-0008"])) == days[1:]
        assert list(store.rollups.days(DAY + ONE, DAY + 2 * ONE)) == []
        assert sorted(store.rollups.months(DAY, DAY)) == months
        assert list(store.rollups.months(DAY, DAY, device_ids=["cnc-0008"])) == months[1:]
        assert list(store.rollups.days_of_month("cnc-0007", DAY.year, DAY.month)) == days[:1]

    def test_a_machine_that_was_moved_has_both_places(self, store: Store) -> None:
        sums = a_day().sums()
        months = [MonthSums("cnc-0007", DAY.year, DAY.month, Place("cnc_machine", line), sums) for line in ("a", "b")]
        store.rollups.put([], months)
        assert list(store.rollups.months(DAY, DAY)) == months


class TestMachinesThatComeAndGo:
    def test_the_ledger_of_a_renamed_machine_follows_it(self, store: Store) -> None:
        """A day that both names have stays where it is: no energy is lost, and none counts twice."""
        store.ledger.put([a_day("old-1", DAY), a_day("old-1", DAY + ONE), a_day("new-1", DAY + ONE)])
        store.machines.rename("old-1", "new-1")
        assert [day.date for day in store.ledger.days(["new-1"], DAY, DAY + ONE)] == [DAY, DAY + ONE]
        assert [day.date for day in store.ledger.days(["old-1"], DAY, DAY + ONE)] == [DAY + ONE]

    def test_lists_of_machines_follow_a_renamed_one(self, store: Store) -> None:
        """Its import can be taken back as one of its own, and a schedule goes on stopping it."""
        batch = Batch("b1", "m.csv", "stored", "import:maria", NOW, ("cnc-0007", "old-1"), NOW, NOW, "", {})
        store.imports.put(batch)
        given = {"name": "night", "action": "shutdown", "days": ("mon",), "at": "22:15", "reason": "rest", "log": ()}
        store.schedules.add(Schedule(schedule_id="s1", device_ids=("old-1", "new-1"), **given))  # type: ignore[arg-type]
        store.schedules.add(Schedule(schedule_id="s2", line="press-shop", **given))  # type: ignore[arg-type]
        changed = store.machines.rename("old-1", "new-1")
        assert (changed["imports"], changed["schedules"]) == (1, 1)
        assert store.imports.newest() == (replace(batch, machines=("cnc-0007", "new-1")),)
        assert {each.schedule_id: each.device_ids for each in store.schedules.all()} == {"s1": ("new-1",), "s2": None}

    def test_a_removed_machine_leaves_no_energy_behind(self, store: Store) -> None:
        store.ledger.put([a_day("stray-1", DAY), a_day("cnc-0007", DAY)])
        store.machines.remove("stray-1")
        assert list(store.ledger.days(["stray-1"], DAY, DAY)) == []
        assert len(list(store.ledger.days(["cnc-0007"], DAY, DAY))) == 1
