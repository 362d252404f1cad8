"""How much a machine can use at most, and how much of it was idle, by what is known of the machine."""

import pytest

from tests.unit.energytrack.metering.run import UNLISTED, at_times, fed, registers


def test_a_machine_of_which_nothing_is_known_has_a_limit() -> None:
    """More than 1 MW is suspect even where there is neither type nor current."""
    result = fed(registers(1000.0, 1010.0, 1020.0, 2500.0, 2510.0, 2520.0, current=None), UNLISTED)
    assert result.billed == pytest.approx(40.0)
    assert result.kwh("suspect") == pytest.approx(1480.0)


def test_an_unlisted_machine_is_limited_by_its_current() -> None:
    """8 kW by its current: 100 kWh in a minute is none of its energy, though a megawatt would make 16 of them."""
    result = fed(registers(1000.0, 1000.1, 1012.1, 1012.2, 1012.3, current=12.0), UNLISTED)
    assert result.billed == pytest.approx(0.3)
    assert result.kwh("suspect") == pytest.approx(12.0)


def test_an_unlisted_machine_is_limited_by_its_past() -> None:
    """Without current: after a day at 6 kW a leap of 12 kWh in a minute is suspect."""
    values = [round(1000.0 + 0.1 * n, 1) for n in range(1500)]
    leapt = [round(values[-1] + 12.0 + 0.1 * n, 1) for n in range(1, 4)]
    result = fed(registers(*values, *leapt, current=None), UNLISTED)
    assert result.kwh("suspect") == pytest.approx(12.1)


def test_idle_energy_without_a_state() -> None:
    """Told from current and rating, as the recommendations do it, and marked as estimated."""
    result = fed(registers(*(1000.0 + 0.05 * n for n in range(11)), current=5.5, state=None))
    assert result.meter.totals.idle / 3.6e6 == pytest.approx(0.5)
    assert result.meter.totals.idle_estimated == pytest.approx(result.meter.totals.idle)
    working = fed(registers(*(1000.0 + 0.05 * n for n in range(11)), current=15.0, state=None))
    assert working.meter.totals.idle == 0.0
    assert working.meter.record.idle_known


def test_nobody_knows_whether_it_idles() -> None:
    """No state, no rating: that is not zero."""
    result = fed(registers(1000.0, 1000.1, state=None), UNLISTED)
    assert not result.meter.record.idle_known


def test_idle_energy_of_a_slow_register_is_shared_out() -> None:
    """A quarter of an hour of which ten minutes were idle: the share is that of the current's energy."""
    readings = [
        *at_times([(60.0 * n, 1000.0) for n in range(10)], current=5.5, state="idle"),
        *at_times([(60.0 * n, 1000.0) for n in range(10, 15)], current=5.5, state="running"),
        *at_times([(900.0, 1000.9)], current=5.5, state="running"),
    ]
    result = fed(readings)
    assert result.billed == pytest.approx(0.9)
    assert result.meter.totals.idle / 3.6e6 == pytest.approx(0.6)
    assert result.meter.totals.idle_estimated == 0.0
