from pathlib import Path

import pytest

from energytrack.errors import InvalidPlant
from energytrack.plant_meters.rules import PlantMeter, register_only
from testkit import dates
from testkit.builders.messages import a_reading
from testkit.plant_meters import TREE, a_factor, a_plant_with_meters


def test_a_meter_is_its_register_alone() -> None:
    """Nothing else of the message is told of a machine."""
    kept = register_only(a_reading("main", energy_kwh=10.0, state="running"), PlantMeter(factor=40.0))
    assert (kept.energy_kwh, kept.state, kept.current, kept.temperature) == (400.0, None, None, None)


def test_a_signal_may_be_the_register() -> None:
    meter = PlantMeter(medium="gas", signal="volume", factor=0.1)
    assert register_only(a_reading("gas", energy_kwh=7.0, signals={"volume": 123.0}), meter).energy_kwh == 12.3
    assert register_only(a_reading("gas", energy_kwh=7.0), meter).energy_kwh is None
    assert register_only(a_reading("gas", signals={"volume": -1.0}), meter).energy_kwh is None


@pytest.mark.parametrize(
    ("meters", "problem"),
    [
        ('[meters.a]\nparent = "b"\n', "there is no meter 'b'"),
        ('[meters.a]\nparent = "b"\n[meters.b]\nparent = "a"\n', "it is above itself"),
        ('[meters.a]\n[meters.b]\nmedium = "gas"\nparent = "a"\n', "a measures electricity in kWh"),
        ('[meters.a]\nunit = "MWh"\n', "electricity is counted in kWh"),
        ('[meters.a]\nmedium = "other"\n', "expected a unit"),
        ('[meters.a]\nmedium = "gas"\nlines = ["shipping"]\n', "only a meter of electricity feeds"),
        ('[meters.a]\nlines = ["nowhere"]\n', "there is no line 'nowhere'"),
        ('[meters.a]\nlines = ["shipping"]\n[meters.b]\nlines = ["shipping"]\n', "'shipping' occurs twice"),
        ("[meters.a]\n[meters.b]\n", "a and b would both feed the whole plant"),
        ("[meters.cnc-0001]\n", "a machine has this id"),
        (
            "[meters.a]\n" + a_factor("gas", 2.0, dates.MONDAY),
            "no meter measures gas in m³",
        ),
        (
            "[meters.a]\n" + a_factor("gass", 2.0, dates.MONDAY),
            "expected a medium",
        ),
    ],
)
def test_what_contradicts_itself_is_named(tmp_path: Path, meters: str, problem: str) -> None:
    with pytest.raises(InvalidPlant, match=problem):
        a_plant_with_meters(tmp_path, meters)


def test_a_factor_of_a_medium_holds_from_its_day_on(tmp_path: Path) -> None:
    """Electricity has none here: its factors differ by the method."""
    first, second = dates.MONDAY.replace(day=1), dates.MONDAY
    factors = a_factor("gas", 2.0, first) + a_factor("gas", 2.5, second)
    plant = a_plant_with_meters(tmp_path, TREE + factors)
    assert plant.medium_factor("gas", first) == 2.0
    assert plant.medium_factor("gas", second) == 2.5
    assert plant.medium_factor("gas", first.replace(year=2019)) is None
    assert plant.medium_factor("main", second) is None
