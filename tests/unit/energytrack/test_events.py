import json

from energytrack.messages import encode
from testkit.builders.messages import an_event


def test_an_event_travels_with_its_kind() -> None:
    """The tag is a field like any other."""
    assert json.loads(encode(an_event("failure", mode="bearing_wear")))["kind"] == "failure"
