from energytrack.messages import encode
from testkit.builders.messages import a_reading


def test_a_reading_travels_without_what_is_not_known() -> None:
    """Absent fields cost no bytes."""
    assert b"energy_kwh" not in encode(a_reading(energy_kwh=None))
    assert b"signals" not in encode(a_reading())
