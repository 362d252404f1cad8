import gzip
from datetime import datetime

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from werkzeug.test import Client

from energytrack.bus.memory import MemoryBus
from energytrack.clock import ManualClock
from energytrack.consume import consume_once
from energytrack.messages import encode
from energytrack.topics import EVENTS, INSIGHTS, READINGS
from exporters.assignment import BETWEEN, Partitions, WatchedSource
from exporters.exporter import NAME, TOPICS, Exporter
from exporters.settings import ExportersSettings
from exporters.web import accepts_gzip, metrics_app
from testkit.builders import NOW, a_reading, an_event, an_insight
from testkit.dates import at_plant
from testkit.exporters.devices import PATIENCE, PLANT, taken
from testkit.promtool import promtool


def value(registry: CollectorRegistry, name: str, **labels: str) -> float | None:
    return registry.get_sample_value(f"energytrack_{name}", labels)


def an_exporter(now: datetime = NOW) -> tuple[Exporter, CollectorRegistry]:
    registry = CollectorRegistry()
    exporter = Exporter(PLANT, PATIENCE, ManualClock(now))
    exporter.register(registry)
    return exporter, registry


def test_messages_on_the_bus_are_series_on_the_page() -> None:
    bus, clock, registry = MemoryBus(), ManualClock(NOW), CollectorRegistry()
    exporter = Exporter(PLANT, PATIENCE, clock)
    stage = exporter.register(registry)
    source = WatchedSource(bus.source(NAME, TOPICS), exporter.assigned, clock)
    sink = bus.sink()
    sink.put(READINGS, "cnc-0007", encode(a_reading()))
    sink.put(INSIGHTS, "cnc-0007", encode(an_insight()))
    sink.put(EVENTS, "cnc-0007", encode(an_event("failure")))
    sink.put(READINGS, "cnc-0007", b"no reading")
    consume_once(source, sink, exporter.handle, stage=stage, clock=clock)
    page = exporter.page().decode()
    assert 'energytrack_device_temperature_celsius{device_id="cnc-0007",' in page
    assert 'energytrack_device_failure_probability_ratio{device_id="cnc-0007",' in page
    assert value(registry, "pipeline_rejected_total", stage=NAME, reason="not_json") == 1
    assert value(registry, "exporter_newest_message_timestamp_seconds", topic=INSIGHTS) == NOW.timestamp()
    assert value(registry, "exporter_partitions", topic=READINGS) == 12
    assert value(registry, "exporter_devices", presence="present") == 1


def test_a_second_replica_takes_over_half_of_the_devices() -> None:
    bus, clock = MemoryBus(), ManualClock(NOW)
    replicas = [Exporter(PLANT, PATIENCE, clock) for _ in range(2)]
    registries = [CollectorRegistry() for _ in replicas]
    stages = [replica.register(registry) for replica, registry in zip(replicas, registries, strict=True)]
    sources = [WatchedSource(bus.source(NAME, TOPICS), replicas[0].assigned, clock)]
    devices = [device.device_id for device in PLANT.devices[:100]]

    def turn(second: int) -> list[set[str]]:
        clock.advance(1)
        sink = bus.sink()
        for device_id in devices:
            sink.put(READINGS, device_id, encode(a_reading(device_id, timestamp=clock.now(), energy_kwh=float(second))))
        for source, replica, stage in zip(sources, replicas, stages, strict=False):
            consume_once(source, sink, replica.handle, stage=stage, clock=clock)
        return [
            {
                sample.labels["device_id"]
                for family in text_string_to_metric_families(replica.page().decode())
                for sample in family.samples
                if sample.name == "energytrack_device_energy_joules_total"
            }
            for replica in replicas
        ]

    assert turn(1) == [set(devices), set()]
    sources.append(WatchedSource(bus.source(NAME, TOPICS), replicas[1].assigned, clock))
    first, second = turn(2)
    assert first | second == set(devices)
    assert not first & second
    assert first
    assert second
    sources.pop().close()
    assert turn(3)[0] == set(devices)


def test_no_partitions_for_a_moment_is_not_the_loss_of_all_devices() -> None:
    class Between:
        held: Partitions = frozenset({(READINGS, 0)})

        def take(self, limit: int, wait: float) -> tuple[()]:
            return ()

        def set_aside(self) -> tuple[()]:
            return ()

        def commit(self) -> None: ...

        def close(self) -> None: ...

        def partitions(self) -> Partitions:
            return self.held

    behind, clock = Between(), ManualClock(NOW)
    told: list[Partitions] = []
    source = WatchedSource(behind, told.append, clock)
    source.take(1, 0.0)
    behind.held = frozenset()
    source.take(1, 0.0)
    clock.advance(BETWEEN.total_seconds())
    source.take(1, 0.0)
    assert told == [frozenset({(READINGS, 0)})]
    clock.advance(1)
    source.take(1, 0.0)
    assert told == [frozenset({(READINGS, 0)}), frozenset()]


def test_the_plant_file_shows_as_it_holds_now() -> None:
    """A Monday at eleven: the peak band, in the early shift. A Sunday at two: neither."""
    _, registry = an_exporter(at_plant("mon", "11:00"))
    assert value(registry, "tariff_price_per_kwh", band="peak", currency="EUR") == 0.31
    assert value(registry, "tariff_band_active", band="peak") == 1
    assert value(registry, "tariff_band_active", band="night") == 0
    assert value(registry, "line_in_shift", line="machining-a") == 1
    _, registry = an_exporter(at_plant("sun", "02:00"))
    assert value(registry, "tariff_band_active", band="night") == 1
    assert value(registry, "line_in_shift", line="machining-a") == 0


def test_limits_and_ratings_are_in_base_units() -> None:
    _, registry = an_exporter()
    assert value(registry, "type_temperature_limit_celsius", device_type="cnc_machine") == 85
    assert value(registry, "type_pressure_minimum_pascals", device_type="cnc_machine") == pytest.approx(430_000)
    assert value(registry, "type_rated_power_watts", device_type="cnc_machine") == pytest.approx(14_134, abs=1)
    assert value(registry, "plant_devices", line="machining-a", device_type="cnc_machine") == 40


def test_promtool_finds_nothing_to_say() -> None:
    _, registry = an_exporter()
    assert promtool("check", "metrics", given=generate_latest(registry)) == ""


def test_the_answer_is_compressed_where_the_client_accepts_it() -> None:
    exporter, registry = an_exporter()
    exporter.handle([taken(a_reading())])
    client = Client(metrics_app(registry, exporter.page))
    plain = client.get("/metrics")
    assert "Content-Encoding" not in plain.headers
    assert plain.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    packed = client.get("/metrics", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Content-Length"] == str(len(packed.data))
    assert gzip.decompress(packed.data) == plain.data


@pytest.mark.parametrize(
    ("header", "accepted"),
    [("", False), ("gzip", True), ("deflate, GZIP;q=0.5", True), ("gzip;q=0", False), ("br", False), ("*", True)],
)
def test_what_a_client_accepts_is_read_from_its_header(header: str, accepted: bool) -> None:
    assert accepts_gzip(header) is accepted


def test_patience_comes_from_the_settings() -> None:
    assert ExportersSettings.from_env({}).patience() == PATIENCE
