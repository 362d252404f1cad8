"""What machines use, as series."""

import pytest

from testkit.builders.messages import a_reading
from testkit.exporters.devices import a_fleet, after, samples


def test_without_a_meter_and_without_a_rating_there_is_no_energy() -> None:
    fleet = a_fleet(a_reading("pump-1", device_type="pump"))
    assert samples(fleet, "energy_joules_total") == {}
    assert samples(fleet, "idle_energy_joules_total") == {}


def test_coverage_and_verdicts_are_on_the_page() -> None:
    """Every verdict and basis from the first reading on, zero where there is none yet."""
    fleet = a_fleet(a_reading(energy_kwh=10.0), a_reading(timestamp=after(60), energy_kwh=10.1))
    by_verdict = samples(fleet, "energy_by_verdict_joules_total", after(60))
    assert by_verdict == {
        ("cnc-0007", "measured"): pytest.approx(0.36e6),
        ("cnc-0007", "bridged"): 0.0,
        ("cnc-0007", "estimated"): 0.0,
        ("cnc-0007", "suspect"): 0.0,
    }
    assert samples(fleet, "energy_coverage_seconds_total", after(60))["cnc-0007", "measured"] == 60.0
    assert samples(fleet, "meter_trusted", after(60)) == {("cnc-0007",): 1.0}
