"""What the control API may rely on of baselines, measures and variables in the store, on a real database."""

from datetime import timedelta

from msgspec.structs import replace

from energytrack.store import Store
from energytrack.store.energy.measures import MeasureChange
from energytrack.store.energy.variables import VariableSummary
from testkit import dates
from testkit.builders.baselines import a_baseline, a_measure

DAY = dates.DAY
ONE = timedelta(days=1)


class TestBaselines:
    def test_a_version_comes_back_as_it_was_filed(self, store: Store) -> None:
        """With its model, to the bit."""
        made = a_baseline()
        assert store.baselines.add(made)
        assert store.baselines.get(made.baseline_id) == made
        assert store.baselines.get("unknown") is None

    def test_a_version_is_filed_once(self, store: Store) -> None:
        """The second caller gets an error, and nothing is changed."""
        first = a_baseline()
        assert store.baselines.add(first)
        assert not store.baselines.add(replace(first, note="another"))
        assert store.baselines.get(first.baseline_id) == first

    def test_the_newest_version_of_each_is_listed(self, store: Store) -> None:
        """Ten comes after nine; retired ones are left out unless they are asked for."""
        versions = [a_baseline(version=version) for version in (1, 9, 10)]
        other = a_baseline(baseline_id="01B", state="retired")
        for each in (*versions, other):
            store.baselines.add(each)
        assert list(store.baselines.newest()) == [versions[2]]
        assert list(store.baselines.newest(retired=True)) == [other, versions[2]]
        assert list(store.baselines.versions("01A")) == versions[::-1]
        assert store.baselines.get("01A", 9) == versions[1]


class TestMeasures:
    def test_a_measure_comes_back_as_it_was_opened(self, store: Store) -> None:
        made = a_measure()
        store.measures.add(made)
        assert store.measures.get(made.measure_id) == made
        assert list(store.measures.all()) == [made]

    def test_the_open_measure_of_a_recommendation_is_found(self, store: Store) -> None:
        """Not one that has ended."""
        store.measures.add(a_measure(measure_id="01A", state="ended"))
        assert store.measures.open_for("press-0003", "scheduled_shutdown") is None
        store.measures.add(a_measure(measure_id="01B"))
        found = store.measures.open_for("press-0003", "scheduled_shutdown")
        assert found is not None
        assert found.measure_id == "01B"

    def test_a_change_is_written_down_and_an_ended_measure_stays_as_it_is(self, store: Store) -> None:
        store.measures.add(a_measure())
        deed = MeasureChange(dates.NOW, "ended", "grafana:maria", "Editor", "127.0.0.1", "sold")
        changed = store.measures.change("01M", deed, end=DAY, state="ended")
        assert changed == a_measure(end=DAY, state="ended", log=(*a_measure().log, deed))
        assert store.measures.change("01M", deed, cost_of_doing=1.0) is None


class TestVariables:
    def test_the_later_value_of_a_day_counts(self, store: Store) -> None:
        store.variables.put("tonnes", {DAY: 1.5, DAY + ONE: 2.5}, source="import", by="a", at=dates.NOW)
        store.variables.put("tonnes", {DAY: 3.5}, source="api", by="b", at=dates.NOW + ONE)
        assert store.variables.series("tonnes", DAY, DAY + 9 * ONE) == {DAY: 3.5, DAY + ONE: 2.5}
        assert list(store.variables.summaries()) == [
            VariableSummary("tonnes", 2, DAY, DAY + ONE, "api", "b", dates.NOW + ONE)
        ]

    def test_a_series_is_that_of_its_name_and_time(self, store: Store) -> None:
        store.variables.put("tonnes", {DAY: 1.5}, source="api", by="a", at=dates.NOW)
        store.variables.put("tonnes of steel", {DAY: 9.0}, source="api", by="a", at=dates.NOW)
        assert store.variables.series("tonnes", DAY, DAY) == {DAY: 1.5}
        assert store.variables.series("tonnes", DAY + ONE, DAY + ONE) == {}
        assert store.variables.delete("tonnes") == 1
        assert [each.name for each in store.variables.summaries()] == ["tonnes of steel"]


def test_baselines_and_measures_follow_a_machine_to_its_new_name(store: Store) -> None:
    """And stay when it is removed: they are what people did."""
    store.baselines.add(a_baseline())
    store.measures.add(a_measure())
    store.machines.rename("press-0003", "press-0103")
    store.machines.remove("press-0103")
    found = (store.baselines.get("01A"), store.measures.get("01M"))
    assert [each and each.device_id for each in found] == ["press-0103"] * 2
