"""A meter in words, for people who stand before the machine."""

from energytrack.metering.values import Meter
from energytrack.metering.words import described, facts_of
from tests.unit.energytrack.metering.run import AMPERES_AT_8_KW, LISTED, at_times, fed, registers, steady

TODAY = "100 % measured today"


def said(meter: Meter) -> str:
    return described(facts_of(meter), TODAY)


def test_a_good_meter() -> None:
    """Its register, how often it is refreshed, and how today is known."""
    meter = fed(steady(8.0, start=1000.0, seconds=600, resolution=0.01, refresh=60.0)).meter
    assert said(meter) == "Register 1,001.3 kWh, refreshed every 1 min; 100 % measured today."


def test_whole_kilowatt_hours() -> None:
    """A coarse register is said to be one."""
    meter = fed(steady(8.0, start=1000.0, seconds=3600, resolution=1.0)).meter
    assert said(meter) == "Register 1,008.0 kWh, in whole kWh, refreshed every 8 min; 100 % measured today."


def test_values_on_change() -> None:
    """A gateway that keeps quiet while nothing changes."""
    meter = fed(at_times([(450.0 * n, 1000.0 + n) for n in range(30)]), LISTED).meter
    assert "sent on change only" in said(meter)


def test_no_register() -> None:
    """That is said in its place."""
    readings = at_times([*((60.0 * n, None) for n in range(61)), (3600.0 * 2, None)], current=AMPERES_AT_8_KW)
    assert said(fed(readings).meter) == "No register; 100 % measured today."


def test_a_register_that_is_not_believed() -> None:
    """What it looks like, and what mends it."""
    meter = fed(steady(8.0, start=48211.0, seconds=600, resolution=1.0, factor=1000.0)).meter
    assert "looks like Wh sent as kWh. Divide the value by 1000" in said(meter)


def test_a_register_that_does_not_fit() -> None:
    """It shows another value at present."""
    meter = fed(registers(48211.0, 48211.1, 0.0)).meter
    assert said(meter).endswith("It currently shows 0.0 kWh, which does not fit; the next values will show why.")
