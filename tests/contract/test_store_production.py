"""What every service may rely on of spells, and of the reasons of stops, on a real database."""

from datetime import timedelta

from msgspec.structs import replace

from energytrack.production.spells import Spell, SpellDay
from energytrack.store import Store
from energytrack.store.operations.stop_reasons import StopReasonRecord
from testkit import dates
from testkit.builders.ledger import DAY, a_day

ONE = timedelta(days=1)


class TestSpells:
    def test_a_day_comes_back_as_it_was_filed_and_is_replaced_by_one_that_is_further(self, store: Store) -> None:
        """To the millisecond; an older one changes nothing."""
        start = a_day().start
        spells = (Spell(start, start + 0.25, "running"), Spell(start + 60.5, start + 86_400.0, "idle", True))
        day = SpellDay("cnc-0007", DAY, start, start + 90_000.0, spells)
        store.spells.put([day])
        assert list(store.spells.days(DAY, DAY)) == [day]
        store.spells.put([replace(day, through=start + 60.0, spells=())])
        assert list(store.spells.since(["cnc-0007"], DAY)) == [day]
        further = replace(day, through=day.through + 1.0, spells=spells[:1])
        store.spells.put([further])
        assert list(store.spells.days(DAY, DAY, device_ids=["cnc-0007"])) == [further]
        assert list(store.spells.days(DAY, DAY, device_ids=["cnc-0008"])) == []

    def test_old_days_of_one_machine_go(self, store: Store) -> None:
        days = [SpellDay(name, DAY + n * ONE, 0.0, 1.0, ()) for name in ("cnc-0007", "cnc-00071") for n in (0, 1)]
        store.spells.put(days)
        assert store.spells.expire("cnc-0007", before=DAY + ONE) == 1
        found = store.spells.since(["cnc-0007", "cnc-00071"], DAY)
        assert sorted((each.device_id, each.date) for each in found) == [
            ("cnc-0007", DAY + ONE), ("cnc-00071", DAY), ("cnc-00071", DAY + ONE),
        ]  # fmt: skip


class TestStopReasons:
    def test_reasons_come_back_the_oldest_first(self, store: Store) -> None:
        """By when their stops began; all that were given are kept."""

        def explanation(number: int, hours: int) -> StopReasonRecord:
            return StopReasonRecord(
                reason_id=f"0{number}", device_id="cnc-0007", start=dates.NOW + timedelta(hours=hours), code="tool",
                note="", by="grafana:maria", role="Editor", address="127.0.0.1", at=dates.NOW,
            )  # fmt: skip

        records = [explanation(2, 0), explanation(1, 1), explanation(3, 30)]
        store.stop_reasons.add(records)
        found = store.stop_reasons.within(dates.NOW, dates.NOW + ONE)
        assert list(found) == [records[1].explanation(), records[0].explanation()]
        assert found[0].start == (dates.NOW + timedelta(hours=1)).timestamp()

    def test_they_follow_a_renamed_machine_and_outlive_a_removed_one(self, store: Store) -> None:
        """As what people did; what the machine did goes with it."""
        record = StopReasonRecord(
            reason_id="01", device_id="cnc-0007", start=dates.NOW, code="tool", note="", by="grafana:maria",
            role="Editor", address="127.0.0.1", at=dates.NOW,
        )  # fmt: skip
        store.stop_reasons.add([record])
        store.spells.put([SpellDay("cnc-0007", DAY, 0.0, 1.0, ())])
        store.machines.rename("cnc-0007", "mill-1")
        assert [each.device_id for each in store.stop_reasons.within(dates.NOW, dates.NOW + ONE)] == ["mill-1"]
        assert [each.device_id for each in store.spells.days(DAY, DAY)] == ["mill-1"]
        store.machines.remove("mill-1")
        assert len(store.stop_reasons.within(dates.NOW, dates.NOW + ONE)) == 1
        assert list(store.spells.days(DAY, DAY)) == []
