from energytrack.contract.costs import Costs


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
