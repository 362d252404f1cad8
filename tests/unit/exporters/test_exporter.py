"""The exporter between two batches: what it lets go of, and what it shows beside the devices."""

from collections.abc import Collection, Mapping

from prometheus_client import CollectorRegistry, generate_latest

from energytrack.clock import ManualClock
from energytrack.errors import ClockAhead
from energytrack.metering.values import Meter
from energytrack.topics import READINGS
from exporters.exporter import TIDY, Exporter
from testkit.builders.messages import NOW, a_reading
from testkit.exporters.devices import PATIENCE, PLANT, record_of
from testkit.rules.promtool import promtool


def test_promtool_finds_nothing_to_say() -> None:
    registry = CollectorRegistry()
    Exporter(PLANT, PATIENCE, ManualClock(NOW)).register(registry)
    assert promtool("check", "metrics", stdin=generate_latest(registry)) == ""


def test_a_machine_that_left_is_forgotten_while_others_go_on() -> None:
    """A plant that changes its machines for years needs no more memory: one that comes back is looked up again."""
    clock, looked_up = ManualClock(NOW), list[str]()

    def stored(device_ids: Collection[str]) -> Mapping[str, Meter | None]:
        looked_up.extend(sorted(device_ids))
        return dict.fromkeys(device_ids)

    exporter = Exporter(PLANT, PATIENCE, clock, stored)
    exporter.handle([record_of(a_reading("cnc-0001")), record_of(a_reading("cnc-0002"))])
    clock.advance(PATIENCE.forgotten.total_seconds() - 1)
    exporter.handle([record_of(a_reading("cnc-0002", timestamp=clock.now()))])
    clock.advance(TIDY.total_seconds() + 2)
    exporter.handle([record_of(a_reading("cnc-0002", timestamp=clock.now()))])
    assert looked_up == ["cnc-0001", "cnc-0002"]
    exporter.handle([record_of(a_reading(name, timestamp=clock.now())) for name in ("cnc-0001", "cnc-0002")])
    assert looked_up == ["cnc-0001", "cnc-0002", "cnc-0001"]


def test_machines_whose_partitions_went_to_another_replica_leave_the_page() -> None:
    exporter = Exporter(PLANT, PATIENCE, ManualClock(NOW))
    exporter.handle([record_of(a_reading("cnc-0001"), partition=1), record_of(a_reading("cnc-0002"), partition=2)])
    exporter.show()
    exporter.assigned(frozenset({(READINGS, 2)}))
    page = exporter.page()
    assert b"cnc-0001" not in page
    assert b"cnc-0002" in page


def test_a_clock_that_is_right_again_is_no_longer_reported() -> None:
    registry = CollectorRegistry()
    exporter = Exporter(PLANT, PATIENCE, ManualClock(NOW))
    exporter.register(registry)
    for device_id in ("cnc-0001", "main"):
        exporter.refused(ClockAhead(device_id, 600.0, 60.0))
    assert generate_latest(registry).count(b" 600.0") == 2
    exporter.handle([record_of(a_reading("cnc-0001")), record_of(a_reading("main"))])
    assert b" 600.0" not in generate_latest(registry)
