"""How often things go wrong."""

from simulator.machines.rates import Rates


def test_a_plant_at_rest_keeps_its_sensor_faults_and_its_repairs() -> None:
    """Nothing befalls machines, but what is under way goes on."""
    rates = Rates(wear_speed=72.0, onset_speed=20.0, repair_speed=24.0)
    rest = rates.at_rest()
    assert (rest.wear_speed, rest.onset_speed, rest.meaningless_per_day) == (0.0, 0.0, 0.0)
    assert (rest.repair_speed, rest.planned_days, rest.lost_per_day) == (24.0, rates.planned_days, rates.lost_per_day)
