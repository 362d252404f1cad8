from energytrack.contract.costs import Costs


def test_a_type_goes_before_a_line_and_a_line_before_the_plant() -> None:
    costs = Costs(downtime_per_hour=50.0, repair_hours=4.0, lines={"press-shop": 100.0}, types={"press": 300.0})
    assert costs.of_a_failure("press", "press-shop") == 1200.0
    assert costs.of_a_failure("drill", "press-shop") == 400.0
    assert costs.of_a_failure(None, None) == 200.0


def test_what_nobody_said_is_not_known() -> None:
    assert Costs().of_a_failure("press", "press-shop") is None
