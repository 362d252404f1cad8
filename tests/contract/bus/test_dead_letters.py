"""Messages that somebody refuses, on a real broker with both Kafka clients."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry

from energytrack.bus import Bus, Record, Source
from energytrack.clock import ManualClock
from energytrack.consume import consume_once
from energytrack.decoding.decoder import ReadingDecoder
from energytrack.messages import encode
from energytrack.telemetry import Stage
from energytrack.topics import DEAD_LETTERS, PARSERS, READINGS
from testkit.builders.messages import NOW, a_reading


def test_dead_letters_take_more_than_other_topics(kafka_bus: Bus) -> None:
    """The largest message that a topic accepts still fits on the dead-letter topic, headers and all."""
    sink = kafka_bus.sink()
    sink.put(DEAD_LETTERS, "cnc-0001", b"x" * 1_048_000, (("reason", b"too_large"), ("detail", b"x" * 1000)))
    sink.flush()
    sink.close()


def test_a_message_that_several_stages_refuse_is_one_dead_letter(
    kafka_bus: Bus, joined: Callable[[Source], Source]
) -> None:
    """Each of them counts it; the one that owns the topic files it, also where only a value is wrong."""
    bad, odd = b"no reading", encode(a_reading("cnc-0002")).replace(b"61.5", b'"hot"')
    sink = kafka_bus.sink()
    sink.put(READINGS, "cnc-0001", bad)
    sink.put(READINGS, "cnc-0002", odd)
    sink.flush()
    for name in ("ml_consumer", "historian", "exporters"):
        registry = CollectorRegistry()
        stage = Stage(name, registry, takes=[READINGS], puts=[])
        source = joined(kafka_bus.source(name, [READINGS]))
        parsers = {**PARSERS, READINGS: ReadingDecoder().decode}
        taken = 0
        while taken < 2:
            taken += consume_once(
                source, sink, lambda _: None, stage=stage, clock=ManualClock(NOW), wait=5.0, parsers=parsers
            )
        labels = {"stage": name, "reason": "not_json"}
        assert registry.get_sample_value("energytrack_pipeline_rejected_total", labels) == 1
    source = joined(kafka_bus.source("people", [DEAD_LETTERS]))
    letters: list[Record] = []
    while more := source.take(10, 5.0 if len(letters) < 2 else 1.0):
        letters += more
    assert sorted(record.value or b"" for record in letters) == sorted([bad, odd])
    sink.close()
