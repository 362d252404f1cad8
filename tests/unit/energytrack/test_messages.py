import json

from energytrack.messages import encode
from testkit.builders.messages import a_reading, an_event


def test_a_reading_travels_without_what_is_not_known() -> None:
    """Absent fields cost no bytes."""
    assert b"energy_kwh" not in encode(a_reading(energy_kwh=None))
    assert b"signals" not in encode(a_reading())


def test_an_event_travels_with_its_kind() -> None:
    """The tag is a field like any other."""
    assert json.loads(encode(an_event("failure", mode="bearing_wear")))["kind"] == "failure"
