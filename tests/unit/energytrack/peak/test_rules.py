"""Which machines of the plant file may wait, and for how long."""

from energytrack.peak.rules import Deferrable, longest_minutes

LINE = Deferrable(longest_minutes=20.0, line="shipping")
ONE = Deferrable(longest_minutes=5.0, device_ids=("conv-0001",))
TYPE = Deferrable(longest_minutes=30.0, line="drilling", device_type="drill")


def test_every_entry_that_is_given_restricts() -> None:
    assert longest_minutes([LINE, TYPE], "drill-0001", "drill", "drilling") == 30.0
    assert longest_minutes([LINE, TYPE], "conv-0009", "conveyor_belt", "drilling") is None


def test_the_shortest_time_holds() -> None:
    assert longest_minutes([LINE, ONE], "conv-0001", "conveyor_belt", "shipping") == 5.0
