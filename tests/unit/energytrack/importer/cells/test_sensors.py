"""Headings of temperature, pressure and current, and the units that they state."""

import pytest

from energytrack.importer.cells.sensors import own_sensor, sensors_in, stated_unit, unknown_unit


@pytest.mark.parametrize(
    ("heading", "sensor", "unit"),
    [
        ("Strom [mA]", "current", "ma"),
        ("Strom kA", "current", "ka"),
        ("current_ma", "current", "ma"),
        ("Temperatur [°F]", "temperature", "°f"),
        ("Temperature (F) (2)", "temperature", "°f"),
        ("temp_f", "temperature", "°f"),
        ("TempF", "temperature", "°f"),
        ("Temperatur in K", "temperature", "k"),
        ("Temperatur [°C max]", "temperature", "°c"),
        ("Temperatur [°C] (Lager)", "temperature", "°c"),
        ("Druck, hPa", "pressure", "hpa"),
        ("Druck [mbar]", "pressure", "mbar"),
        ("Druck (MPa)", "pressure", "mpa"),
        ("pressureKPa", "pressure", "kpa"),
        ("Druck [bar(g)]", "pressure", "bar"),
        ("Pressure [psi]", "pressure", "psi"),
    ],
)
def test_a_unit_is_understood_however_it_is_written(heading: str, sensor: str, unit: str) -> None:
    found = stated_unit(heading, sensors_in(heading))
    assert (found, own_sensor(heading, found), unknown_unit(heading, found)) == (unit, sensor, False)


@pytest.mark.parametrize(
    "heading", ["temperature", "Temperature (Zone 1)", "Temperatur (innen)", "Strom [L1]", "Strom (L1)", "Temp. Kamin"]
)
def test_a_place_is_no_unit(heading: str) -> None:
    assert stated_unit(heading, sensors_in(heading)) is None
    assert own_sensor(heading) is not None


@pytest.mark.parametrize(
    "heading",
    [
        "Pressure [inHg]", "pressure_inhg", "Druck (bar(a))", "presión [kgf/cm²]", "Temperature [1/10 °C]",
        "Strom [A x10]", "Temperatur [Digits]",
    ],
)  # fmt: skip
def test_a_unit_that_is_not_understood_is_never_the_default_one(heading: str) -> None:
    unit = stated_unit(heading, sensors_in(heading))
    assert (own_sensor(heading), unknown_unit(heading, unit)) == (None, True)


@pytest.mark.parametrize(
    "heading", ["Druckluft [m³/h]", "Current speed [rpm]", "Motor current (%)", "Strom [kWh]", "Strom [ct/kWh]"]
)
def test_a_unit_of_another_quantity_is_none_of_the_sensor_and_no_question(heading: str) -> None:
    unit = stated_unit(heading, sensors_in(heading))
    assert (own_sensor(heading), unknown_unit(heading, unit)) == (None, False)
