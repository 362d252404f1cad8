import pytest

from energytrack.contract.costs import AlarmCosts, Costs, StopCosts, Stops, StopTerms


def test_a_type_goes_before_a_line_and_a_line_before_the_plant() -> None:
    costs = Costs(downtime_per_hour=50.0, repair_hours=4.0, lines={"press-shop": 100.0}, types={"press": 300.0})
    assert costs.of_a_failure("press", "press-shop") == 1200.0
    assert costs.of_a_failure("drill", "press-shop") == 400.0
    assert costs.of_a_failure(None, None) == 200.0


def test_what_nobody_said_is_not_known() -> None:
    assert Costs().of_a_failure("press", "press-shop") is None


def test_an_hour_of_a_stopped_machine_costs_by_type_line_or_plant() -> None:
    costs = Costs(downtime_per_hour=50.0, lines={"press-shop": 100.0}, types={"press": 300.0})
    assert [costs.of_an_hour("press", "press-shop"), costs.of_an_hour("drill", "press-shop")] == [300.0, 100.0]
    assert (costs.of_an_hour(None, None), Costs().of_an_hour("press", None)) == (50.0, None)


def test_the_costs_of_a_machine_go_before_those_of_its_type_and_these_before_all() -> None:
    """Each figure for itself: what is not given more closely holds in general."""
    stop = Stops(
        failure=900.0,
        planned_hours=2.0,
        types={"press": StopCosts(failure=2500.0, part=340.0)},
        devices={"press-0003": StopCosts(planned_hours=3.0)},
    )
    assert stop.of("press", "press-0003") == StopCosts(failure=2500.0, planned_hours=3.0, part=340.0)
    assert stop.of("press") == StopCosts(failure=2500.0, planned_hours=2.0, part=340.0)
    assert stop.of("drill", "drill-0001") == StopCosts(failure=900.0, planned_hours=2.0)


def test_a_failure_costs_what_is_said_or_else_the_standing() -> None:
    costs = Costs(downtime_per_hour=50.0, stop=Stops(types={"press": StopCosts(failure=2500.0)}))
    assert costs.of_a_failure("press", None) == 2500.0
    assert costs.of_a_failure("drill", None) == 200.0


def test_what_decides_when_to_stop_has_the_part_in_both_sums() -> None:
    stop = Stops(failure=900.0, planned=80.0, planned_hours=1.5, part=100.0, part_hours=24.0)
    terms = Costs(downtime_per_hour=60.0, stop=stop).of_stopping("press", None, None)
    assert terms == StopTerms(failure=1000.0, planned=180.0, planned_hours=1.5, per_hour=60.0, part_hours=24.0)


@pytest.mark.parametrize(
    "costs",
    [
        Costs(),
        Costs(downtime_per_hour=60.0),
        Costs(downtime_per_hour=60.0, stop=Stops(part_hours=24.0)),
        Costs(stop=Stops(failure=900.0, planned_hours=1.0)),
        Costs(stop=Stops(planned=80.0)),
    ],
)
def test_without_the_cost_of_a_failure_and_of_a_planned_stop_there_is_nothing_to_compare(costs: Costs) -> None:
    """Nothing is taken for zero."""
    assert costs.of_stopping("press", None, None) is None


def test_a_missed_failure_costs_what_it_costs_more_than_the_planned_repair() -> None:
    stop = Stops(failure=900.0, planned=80.0, planned_hours=2.0, part=100.0, false_alarm=45.0)
    assert Costs(downtime_per_hour=60.0, stop=stop).of_alarms("press", None, None) == AlarmCosts(45.0, 700.0)


@pytest.mark.parametrize("stop", [Stops(planned=80.0), Stops(false_alarm=45.0)], ids=["no inspection", "no repair"])
def test_wrong_alarms_whose_cost_nobody_said_have_none(stop: Stops) -> None:
    """Absent is not zero."""
    assert Costs(downtime_per_hour=60.0, stop=stop).of_alarms("press", None, None) is None
