"""A machine whose clock is ahead is named, and how far, until its clock is right."""

from datetime import timedelta

import pytest
from prometheus_client import CollectorRegistry

from energytrack.bus.memory import MemoryBus
from energytrack.clock import ManualClock
from energytrack.messages import encode
from energytrack.topics import READINGS
from testkit.builders.messages import NOW, a_reading
from testkit.exporters.devices import PATIENCE, exporters_on


def test_a_clock_two_hours_ahead_is_shown_and_its_readings_are_not() -> None:
    bus, clock, registry = MemoryBus(), ManualClock(NOW), CollectorRegistry()
    exporters, sink = exporters_on(bus, clock, registry), bus.sink()
    labels = {"device_id": "cnc-0007", "device_type": "cnc_machine", "line": "machining-a"}

    def send(ahead: timedelta, temperature: float) -> float | None:
        sink.put(READINGS, "cnc-0007", encode(a_reading(timestamp=clock.now() + ahead, temperature=temperature)))
        exporters.poll()
        return registry.get_sample_value("energytrack_device_clock_ahead_seconds", labels)

    assert send(timedelta(0), 61.5) is None
    clock.advance(1)
    assert send(timedelta(hours=2), 95.0) == 7200.0
    assert b" 61.5" in exporters.exporter.page()
    assert b" 95.0" not in exporters.exporter.page()
    clock.advance(1)
    assert send(timedelta(0), 95.0) is None
    assert b" 95.0" in exporters.exporter.page()


def test_a_machine_that_was_never_right_is_named_too() -> None:
    """Its readings never counted, so that nothing else shows it."""
    bus, clock, registry = MemoryBus(), ManualClock(NOW), CollectorRegistry()
    exporters, sink = exporters_on(bus, clock, registry), bus.sink()
    sink.put(READINGS, "pump-1", encode(a_reading("pump-1", timestamp=NOW + timedelta(minutes=6))))
    exporters.poll()
    labels = {"device_id": "pump-1", "device_type": "unknown", "line": "unknown"}
    assert registry.get_sample_value("energytrack_device_clock_ahead_seconds", labels) == 360.0
    clock.advance(PATIENCE.gone.total_seconds() + 1)
    assert registry.get_sample_value("energytrack_device_clock_ahead_seconds", labels) is None


def test_invented_machines_with_wrong_clocks_are_named_up_to_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("exporters.metrics.clocks.MOST_CLOCKS", 2)
    bus, clock, registry = MemoryBus(), ManualClock(NOW), CollectorRegistry()
    exporters, sink = exporters_on(bus, clock, registry), bus.sink()
    for number in range(5):
        device_id = f"evil-{number}"
        sink.put(READINGS, device_id, encode(a_reading(device_id, timestamp=clock.now() + timedelta(hours=2))))
    exporters.poll()
    (shown,) = [family for family in registry.collect() if family.name == "energytrack_device_clock_ahead_seconds"]
    assert len(shown.samples) == 2
