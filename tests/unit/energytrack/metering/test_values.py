"""A meter as it is stored."""

import msgspec

from energytrack.metering.values import Meter
from tests.unit.energytrack.metering.run import fed, registers


def test_a_value_that_does_not_fit_keeps_its_stored_name() -> None:
    """Databases have it as `doubt`, from releases before this one."""
    meter = fed(registers(48211.0, 48211.1, 0.0)).meter
    stored = msgspec.to_builtins(meter)
    assert stored["record"]["doubt"]["kwh"] == 0.0
    assert msgspec.convert(stored, Meter) == meter
