"""The exporters as they are put together: batches in, a page out, alone and beside a second replica."""

from datetime import timedelta
from typing import Final

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from energytrack.bus.memory import MemoryBus
from energytrack.clock import ManualClock
from energytrack.messages import encode
from energytrack.topics import DEAD_LETTERS, EVENTS, INSIGHTS, READINGS
from exporters.composition import NAME, Exporters
from testkit.builders.messages import NOW, a_reading, an_event, an_insight
from testkit.exporters.devices import PLANT, exporters_on

ENERGY: Final = "energytrack_device_energy_joules_total"


def value(registry: CollectorRegistry, name: str, **labels: str) -> float | None:
    return registry.get_sample_value(f"energytrack_{name}", labels)


def test_messages_on_the_bus_are_series_on_the_page() -> None:
    bus, registry = MemoryBus(), CollectorRegistry()
    exporters = exporters_on(bus, ManualClock(NOW), registry)
    sink = bus.sink()
    sink.put(READINGS, "cnc-0007", encode(a_reading()))
    sink.put(INSIGHTS, "cnc-0007", encode(an_insight()))
    sink.put(EVENTS, "cnc-0007", encode(an_event("failure")))
    sink.put(READINGS, "cnc-0007", b"no reading")
    exporters.poll()
    page = exporters.exporter.page().decode()
    assert 'energytrack_device_temperature_celsius{device_id="cnc-0007",' in page
    assert 'energytrack_device_failure_probability_ratio{device_id="cnc-0007",' in page
    assert value(registry, "pipeline_rejected_total", stage=NAME, reason="not_json") == 1
    assert value(registry, "exporter_newest_message_timestamp_seconds", topic=INSIGHTS) == NOW.timestamp()
    assert value(registry, "exporter_partitions", topic=READINGS) == 12
    assert value(registry, "exporter_devices", presence="present") == 1
    assert bus.values(DEAD_LETTERS) == [], "the historian files it"


def test_a_kill_before_the_commit_takes_no_counter_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Prometheus would take a lower value for a new counter, and count the energy between the two again."""
    bus, clock = MemoryBus(), ManualClock(NOW)
    killed, sink = exporters_on(bus, clock), bus.sink()

    def energy(exporters: Exporters) -> float:
        page = exporters.exporter.page().decode()
        families = text_string_to_metric_families(page)
        (value,) = (each.value for one in families for each in one.samples if each.name == ENERGY)
        return value

    def kill() -> None:
        raise KeyboardInterrupt

    for second in range(3):
        sink.put(READINGS, "cnc-0007", encode(a_reading(timestamp=NOW + timedelta(seconds=second), energy_kwh=10.0)))
    killed.poll()
    sink.put(READINGS, "cnc-0007", encode(a_reading(timestamp=NOW + timedelta(seconds=3), energy_kwh=10.01)))
    monkeypatch.setattr(killed.source, "commit", kill)
    with pytest.raises(KeyboardInterrupt):
        killed.poll()
    assert energy(killed) == 10.0 * 3.6e6
    killed.source.close()
    following = exporters_on(bus, clock)
    following.poll()
    assert energy(following) == pytest.approx(10.01 * 3.6e6)


def test_a_second_replica_takes_over_half_of_the_devices() -> None:
    bus, clock = MemoryBus(), ManualClock(NOW)
    replicas = [exporters_on(bus, clock)]
    devices = [device.device_id for device in PLANT.devices[:100]]

    def one_second(second: int) -> list[set[str]]:
        clock.advance(1)
        sink = bus.sink()
        for device_id in devices:
            sink.put(READINGS, device_id, encode(a_reading(device_id, timestamp=clock.now(), energy_kwh=float(second))))
        for replica in replicas:
            replica.poll()
        return [
            {
                sample.labels["device_id"]
                for family in text_string_to_metric_families(replica.exporter.page().decode())
                for sample in family.samples
                if sample.name == "energytrack_device_energy_joules_total"
            }
            for replica in replicas
        ]

    assert one_second(1) == [set(devices)]
    replicas.append(exporters_on(bus, clock))
    first, second = one_second(2)
    assert first | second == set(devices)
    assert not first & second
    assert first
    assert second
    replicas.pop().source.close()
    assert one_second(3) == [set(devices)]


def test_invented_names_fill_no_memory_and_no_page() -> None:
    """What the plant file lists, and what was there before, stays; the rest is counted, and the alert says so."""
    bus, registry = MemoryBus(), CollectorRegistry()
    exporters = exporters_on(bus, ManualClock(NOW), registry, most_unlisted=3)
    sink = bus.sink()
    sink.put(READINGS, "real-1", encode(a_reading("real-1")))
    exporters.poll()
    for number in range(10):
        sink.put(READINGS, f"evil-{number}", encode(a_reading(f"evil-{number}")))
    sink.put(READINGS, "cnc-0007", encode(a_reading()))
    sink.put(READINGS, "real-1", encode(a_reading("real-1", temperature=99.0)))
    exporters.poll()
    page = exporters.exporter.page().decode()
    assert page.count("energytrack_device_temperature_celsius{") == 4
    assert 'energytrack_device_temperature_celsius{device_id="cnc-0007",' in page
    assert 'device_id="real-1"' in page
    assert value(registry, "pipeline_rejected_total", stage=NAME, reason="too_many_machines") == 8
    assert bus.values(DEAD_LETTERS) == []
