"""Columns that become signals: their names, and the units of those that readings have fields for."""

from typing import Any

import numpy as np
import pytest

from energytrack.importer.choices import NotProved
from testkit.builders.import_files import lines, starts
from tests.unit.energytrack.importer.contents import WINTER, found, read

TIMES = starts(WINTER, 1)


def values(heading: str, *cells: str, **choices: Any) -> dict[str, float]:
    """The first value of each signal of a file with these columns."""
    content = read(lines(f"time;{heading}", *(";".join([f"{at:%Y-%m-%dT%H:%MZ}", *cells]) for at in TIMES)), **choices)
    (signals,) = content.signals.values()
    return {name: float(each[0]) for name, each in signals.values.items()}


@pytest.mark.parametrize(
    ("heading", "cell", "name", "value"),
    [
        ("Strom [mA]", "1500", "current", 1.5),
        ("Strom [kA]", "1.5", "current", 1500.0),
        ("Strom [A]", "1.5", "current", 1.5),
        ("Temperatur [°F]", "212", "temperature", 100.0),
        ("Temperatur [K]", "300.15", "temperature", 27.0),
        ("Temperatur [°C]", "20.5", "temperature", 20.5),
        ("Pressure [psi]", "100", "pressure", 6.89475729),
        ("Druck [mbar]", "5100", "pressure", 5.1),
        ("Druck [hPa]", "5100", "pressure", 5.1),
        ("Druck [kPa]", "510", "pressure", 5.1),
        ("Druck [MPa]", "0.51", "pressure", 5.1),
        ("Druck [Pa]", "510000", "pressure", 5.1),
    ],
)
def test_a_sensor_is_in_the_unit_of_readings(heading: str, cell: str, name: str, value: float) -> None:
    assert values(heading, cell) == {name: pytest.approx(value)}


def test_units_stand_in_cells_and_in_a_row_of_their_own_too() -> None:
    assert values("Temperature", "212 °F") == {"temperature": pytest.approx(100.0)}
    rows = [f"{at:%Y-%m-%dT%H:%MZ};212;100" for at in TIMES]
    content = read(lines("time;Temperature;Pressure", ";°F;psi", *rows))
    (signals,) = content.signals.values()
    assert [float(each[0]) for each in signals.values.values()] == pytest.approx([100.0, 6.89475729])
    assert found(content, "units") == "temperature"


def test_units_stand_in_a_column_of_their_own_too() -> None:
    rows = [f"{at:%Y-%m-%dT%H:%MZ};{value}" for at in TIMES for value in ("temperature;212;°F", "pressure;100;psi")]
    content = read(lines("time;name;value;unit", *rows))
    (signals,) = content.signals.values()
    first = {name: float(each[np.isfinite(each)][0]) for name, each in signals.values.items()}
    assert first == {"temperature": pytest.approx(100.0), "pressure": pytest.approx(6.89475729)}


def test_what_a_person_names_is_converted_too() -> None:
    assert values("T1 [°F]", "212", signals={"T1 [°F]": "temperature"}) == {"temperature": pytest.approx(100.0)}
    assert values("Temperatur [Lager]", "20.5", signals={"Temperatur [Lager]": "temperature"}) == {"temperature": 20.5}


@pytest.mark.parametrize("signals", [{}, {"Pressure [inHg]": "pressure"}])
def test_a_unit_that_is_not_understood_is_asked_about(signals: dict[str, str]) -> None:
    """With the ways out: another name, or none."""
    with pytest.raises(NotProved, match="states 'inhg', and pressure is understood in bar, mbar, Pa") as question:
        values("Pressure [inHg];x", "150;1", signals=signals)
    assert question.value.flag == "--signal 'Pressure [inHg]='"
    assert values("Pressure [inHg];x", "150;1", signals={"Pressure [inHg]": ""}) == {"x": 1.0}
    own = values("Pressure [inHg];x", "150;1", signals={"Pressure [inHg]": "pressure_inhg"})
    assert own == {"pressure_inhg": 150.0, "x": 1.0}


def test_another_quantity_never_gets_the_name_of_a_sensor() -> None:
    assert values("Current [%];Druckluft [m³/h]", "80;12.5") == {"current_2": 80.0, "druckluft": 12.5}
