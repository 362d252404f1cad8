"""How far the exporters are, as series."""

from datetime import timedelta

from prometheus_client import CollectorRegistry

from energytrack.clock import ManualClock
from energytrack.topics import EVENTS, READINGS
from exporters.metrics.pipeline import PipelineCollector
from testkit.builders.messages import NOW, a_command, a_reading, an_event
from testkit.exporters.devices import PATIENCE, a_fleet, record_of


class Progress:
    """A collector with its registry and its clock."""

    def __init__(self) -> None:
        self.clock, self.registry = ManualClock(NOW), CollectorRegistry()
        self.collector = PipelineCollector(a_fleet(a_reading()), self.clock)
        self.registry.register(self.collector)

    def value(self, name: str, **labels: str) -> float | None:
        return self.registry.get_sample_value(f"energytrack_exporter_{name}", labels)


def test_the_newest_message_of_each_topic_tells_how_far_it_is() -> None:
    """An older one that comes late changes nothing; an order is no message of a machine."""
    progress = Progress()
    minute = timedelta(minutes=1)
    progress.collector.folded(
        [
            record_of(a_reading()), record_of(a_reading(timestamp=NOW - minute)),
            record_of(an_event(timestamp=NOW - minute)), record_of(a_command()),
        ],
        NOW,
    )  # fmt: skip
    newest = "newest_message_timestamp_seconds"
    assert progress.value(newest, topic=READINGS) == NOW.timestamp()
    assert progress.value(newest, topic=EVENTS) == (NOW - minute).timestamp()
    progress.collector.folded([record_of(a_reading(timestamp=NOW - 2 * minute))], NOW)
    assert progress.value(newest, topic=READINGS) == NOW.timestamp()


def test_a_clock_that_is_ahead_makes_no_lag_below_zero() -> None:
    progress = Progress()
    progress.collector.folded([record_of(a_reading(timestamp=NOW + timedelta(minutes=4)))], NOW)
    assert progress.value("newest_message_timestamp_seconds", topic=READINGS) == NOW.timestamp()


def test_partitions_are_counted_by_topic() -> None:
    progress = Progress()
    progress.collector.assigned(frozenset({(READINGS, 0), (READINGS, 3), (EVENTS, 0)}))
    assert progress.value("partitions", topic=READINGS) == 2
    progress.collector.assigned(frozenset())
    assert progress.value("partitions", topic=READINGS) is None


def test_a_machine_that_left_is_silent_until_it_is_forgotten() -> None:
    progress = Progress()
    assert (progress.value("devices", presence="present"), progress.value("devices", presence="silent")) == (1, 0)
    progress.clock.advance(PATIENCE.gone.total_seconds() + 1)
    assert (progress.value("devices", presence="present"), progress.value("devices", presence="silent")) == (0, 1)
    progress.clock.advance(PATIENCE.forgotten.total_seconds())
    assert (progress.value("devices", presence="present"), progress.value("devices", presence="silent")) == (0, 0)
