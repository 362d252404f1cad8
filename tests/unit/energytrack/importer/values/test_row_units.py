"""Rows that name their units: converted, left out and named, or asked about."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from energytrack.importer.choices import Choices, NotProved
from energytrack.importer.values.row_units import OneUnit, in_one_unit
from testkit.builders.import_files import lines, starts, wide
from tests.unit.energytrack.importer.contents import WINTER, only, read

TIMES = starts(WINTER, 1)


def one(*units: str, **choices: Any) -> OneUnit:
    """Of rows that all hold 1000."""
    values = np.full(len(units), 1000.0)
    return in_one_unit(values, pd.Series(units, dtype=str), "value", Choices(**choices))


def test_one_unit_is_left_as_it_is() -> None:
    found = one("Wh", "", "Wh")
    assert (found.values.tolist(), found.unit, found.findings) == ([1000.0] * 3, "wh", ())
    assert one("-", "").unit is None


@pytest.mark.parametrize(
    ("units", "values", "unit"),
    [
        (("kWh", "Wh", "MWh"), [1000.0, 1.0, 1e6], "kwh"),
        (("kW", "W"), [1000.0, 1.0], "kw"),
        (("°C", "°F"), [1000.0, 968.0 / 1.8], "°c"),
        (("mA", "A"), [1.0, 1000.0], "a"),
        (("bar", "hPa", "psig"), [1000.0, 1.0, 68.9475729], "bar"),
    ],
)
def test_several_units_of_a_quantity_become_one(units: tuple[str, ...], values: list[float], unit: str) -> None:
    found = one(*units)
    assert (found.values.tolist(), found.unit, found.findings) == (pytest.approx(values), unit, ())


def test_rows_whose_unit_is_no_energy_are_left_out_and_named() -> None:
    found = one("kWh", "m³", "Wh", "m³", "l", "kW")
    assert found.values.tolist() == pytest.approx([1000.0, np.nan, 1.0, np.nan, np.nan, np.nan], nan_ok=True)
    (finding,) = found.findings
    assert (found.unit, finding.value) == ("kwh", "4")
    assert finding.why == "4 rows of 'value' whose unit is m³ (2), l (1), kW (1) are left out: the others are energy"


def test_rows_without_a_unit_beside_several_are_asked_about() -> None:
    """The answer is that of these rows only."""
    with pytest.raises(NotProved, match="1 rows of 'value' state no unit, and the others state several"):
        one("kWh", "Wh", "")
    found = one("kWh", "Wh", "", unit="Wh")
    assert (found.values.tolist(), found.unit) == ([1e6, 1000.0, 1000.0], "wh")


def test_units_that_nothing_converts_are_no_unit_of_anything() -> None:
    found = one("m³", "°C")
    assert (found.values.tolist(), found.unit) == ([1000.0, 1000.0], "m³, °c")


@pytest.mark.parametrize("unit", [None, "kWh"])
def test_gas_beside_electricity_is_never_stored_as_energy(unit: str | None) -> None:
    """Whatever a person answers to a question about the unit."""
    rows = [
        f"{at:%Y-%m-%dT%H:%MZ};{meter};{2 + i % 3};{own}"
        for meter, own in (("E1", "kWh"), ("G1", "m³"))
        for i, at in enumerate(TIMES)
    ]
    text = lines("time;meter;Verbrauch;unit", *rows)
    content = read(text, labels="begin", values="interval", unit=unit)
    assert list(content.energy) == ["E1"]
    assert only(content).total == pytest.approx(288.0)
    assert not any(len(each) for name, each in content.signals.items() if name == "G1")
    assert any("whose unit is m³ (96)" in each.why for each in content.findings)


@pytest.mark.parametrize("units", [("kWh", "m³"), ("m³", "m³")])
def test_a_row_a_day_of_gas_is_no_energy_either(units: tuple[str, str]) -> None:
    headings = [str(i + 1) for i in range(24)]
    rows = [(f"{WINTER:%Y-%m-%d};{meter};{unit}", ["2"] * 24) for meter, unit in zip(("E1", "G1"), units, strict=True)]
    content = read(wide(headings, rows, first="date;meter;unit"), values="interval", unit="kWh")
    assert [each.total for each in content.energy.values()] == [48.0] * units.count("kWh")
    assert {name for each in content.signals.values() for name in each.values} == (
        {"values"} if units[0] == "m³" else set()
    )
