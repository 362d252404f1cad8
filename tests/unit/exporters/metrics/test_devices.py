"""What machines measure and report, as series."""

import pytest

from testkit.builders.messages import a_reading
from testkit.exporters.devices import a_fleet, samples


def test_pressure_is_in_pascals() -> None:
    assert samples(a_fleet(a_reading(pressure=5.3)), "pressure_pascals") == {("cnc-0007",): pytest.approx(530_000)}


def test_the_state_is_a_set() -> None:
    assert samples(a_fleet(a_reading(state="idle")), "state") == {
        ("cnc-0007", state): float(state == "idle") for state in ("running", "idle", "stopped", "failed", "maintenance")
    }


def test_a_lost_sensor_has_no_series() -> None:
    fleet = a_fleet(a_reading(temperature=None))
    assert samples(fleet, "temperature_celsius") == {}
    assert samples(fleet, "current_amperes") == {("cnc-0007",): 12.4}
