"""What a metric family is."""

from prometheus_client import CollectorRegistry
from prometheus_client.registry import Collector

from exporters.metrics.families import Family, counter, filled, gauge


def test_series_of_devices_have_the_labels_that_panels_join_on() -> None:
    assert gauge("power_watts", "Power.").labels == ("device_id", "device_type", "line")
    assert gauge("state", "State.", "state").labels == ("device_id", "device_type", "line", "state")


def test_a_counter_is_called_one() -> None:
    assert counter("energy_joules", "Energy.").name == "energytrack_device_energy_joules_total"
    assert gauge("power_watts", "Power.").name == "energytrack_device_power_watts"


def test_a_small_family_has_a_sample_for_each_value_of_its_labels() -> None:
    family = Family("energytrack_line_in_shift", "gauge", "1 in a shift.", ("line",))

    class One(Collector):
        def collect(self) -> list[object]:  # type: ignore[override]
            return [filled(family, {("press-shop",): 1.0, ("shipping",): 0.0})]

    registry = CollectorRegistry()
    registry.register(One())
    assert registry.get_sample_value(family.name, {"line": "press-shop"}) == 1.0
    assert registry.get_sample_value(family.name, {"line": "shipping"}) == 0.0
    assert registry.get_sample_value(family.name, {"line": "assembly"}) is None
