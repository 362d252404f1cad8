"""Metrics of a stage of the pipeline: input, output, errors, and the time of the last batch."""

import threading
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import cache, cached_property, partial
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge
from prometheus_client.core import HistogramMetricFamily
from prometheus_client.registry import Collector

from energytrack.bus import SET_ASIDE_REASONS, Header, SetAsideReason, Sink
from energytrack.decoding.decoded import FIELDS
from energytrack.messages import EMPTY, REASONS

LATENCY_BUCKETS: Final = (
    0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 5, 10, 20, 30, 60, 120, 300, 600, 900, 1800, 3600,
)  # fmt: skip
"""Seconds. A quantile is interpolated between two bounds: far apart, they make minutes of half a minute."""

SAMPLE_EVERY: Final = timedelta(minutes=1)


class Stage:
    """The metrics of one stage of the pipeline, zero-initialised."""

    def __init__(self, name: str, registry: CollectorRegistry, *, takes: Iterable[str], puts: Iterable[str]) -> None:
        self.name = name
        self._received = Counter(
            "energytrack_pipeline_received",
            "Messages that a stage took from a topic.",
            ["stage", "topic"],
            registry=registry,
        )
        self._emitted = Counter(
            "energytrack_pipeline_emitted",
            "Messages that a stage put on a topic, or documents that it stored.",
            ["stage", "topic"],
            registry=registry,
        )
        self._rejected = Counter(
            "energytrack_pipeline_rejected",
            "Messages that a stage could not parse, by reason. Every stage that reads a topic counts its bad messages; "
            "one files them as dead letters.",
            ["stage", "reason"],
            registry=registry,
        )
        self._passed_over = Counter(
            "energytrack_pipeline_passed_over",
            "Messages without content (tombstones, empty values) that a stage skipped, by reason.",
            ["stage", "reason"],
            registry=registry,
        )
        self._fields = Counter(
            "energytrack_pipeline_field_rejected",
            "Values that cannot be used and count as not known, by field; the rest of their messages counts.",
            ["stage", "field"],
            registry=registry,
        )
        self._wrong_keys = Counter(
            "energytrack_pipeline_wrong_key",
            "Readings whose key is not their device_id, so that they may lie on another partition than they should.",
            ["stage"],
            registry=registry,
        )
        self._set_aside = Counter(
            "energytrack_pipeline_batches_set_aside",
            "Batches of messages that a stage skipped because they cannot be decoded, by reason.",
            ["stage", "reason"],
            registry=registry,
        )
        self._last_processed = Gauge(
            "energytrack_pipeline_last_processed_timestamp_seconds",
            "When a stage last finished a batch.",
            ["stage"],
            registry=registry,
        )
        self._registry = registry
        self._emitted_on = cache(partial(self._emitted.labels, name))  # looked up for each message
        self.samples = Samples()
        self._last_processed.labels(name)
        self._wrong_keys.labels(name)
        self._passed_over.labels(name, EMPTY)
        for field in FIELDS:
            self._fields.labels(name, field)
        for topic in takes:
            self._received.labels(name, topic)
        for topic in puts:
            self._emitted_on(topic)
        for reason in REASONS:
            self._rejected.labels(name, reason)
        for reason in SET_ASIDE_REASONS:
            self._set_aside.labels(name, reason)

    def received(self, topic: str, count: int = 1) -> None:
        self._received.labels(self.name, topic).inc(count)

    def emitted(self, topic: str, count: int = 1) -> None:
        """Count sent messages or stored documents."""
        self._emitted_on(topic).inc(count)

    def rejected(self, reason: str) -> None:
        """Count a message that cannot be parsed."""
        self._rejected.labels(self.name, reason).inc()

    def passed_over(self, reason: str) -> None:
        """Count a message without a value."""
        self._passed_over.labels(self.name, reason).inc()

    def field_rejected(self, field: str) -> None:
        """Count a value that cannot be used."""
        self._fields.labels(self.name, field).inc()

    def wrong_key(self) -> None:
        """Count a reading whose key is not its device."""
        self._wrong_keys.labels(self.name).inc()

    def set_aside(self, reason: SetAsideReason) -> None:
        """Count a skipped batch."""
        self._set_aside.labels(self.name, reason).inc()

    def processed(self, now: datetime) -> None:
        """Record that a batch was finished."""
        self._last_processed.labels(self.name).set(now.timestamp())

    @cached_property
    def took(self) -> Callable[[Iterable[float]], None]:
        """Records the latencies of a batch's messages; only stages that use it have the histogram.

        To be read before the first message, so that the histogram exists, at zero, when that arrives.
        """
        latencies = Latencies(self.name)
        self._registry.register(latencies)
        return latencies.add


class Latencies(Collector):
    """A histogram that takes a batch of values at once; prometheus_client's own takes a microsecond for each."""

    def __init__(self, stage: str) -> None:
        self._stage = stage
        self._at_most = [0] * len(LATENCY_BUCKETS)
        """[buckets], how many values were at most each bound."""
        self._count = 0
        self._sum = 0.0
        self._lock = threading.Lock()

    def add(self, seconds: Iterable[float]) -> None:
        """Count values; callers replace those of clocks that are ahead by zero."""
        ordered = sorted(seconds)
        with self._lock:
            for i, bound in enumerate(LATENCY_BUCKETS):
                self._at_most[i] += bisect_right(ordered, bound)
            self._count += len(ordered)
            self._sum += sum(ordered)

    def collect(self) -> Iterator[HistogramMetricFamily]:
        """The histogram, for one scrape."""
        family = HistogramMetricFamily(
            "energytrack_pipeline_latency_seconds",
            "From a message's own timestamp to the end of a stage's work on it.",
            labels=["stage"],
        )
        with self._lock:
            at_most = [(str(float(bound)), n) for bound, n in zip(LATENCY_BUCKETS, self._at_most, strict=True)]
            family.add_metric([self._stage], [*at_most, ("+Inf", self._count)], self._sum)
        yield family


class Samples:
    """Chooses samples of repeated events to show: one a minute of each name."""

    def __init__(self) -> None:
        self._shown: dict[str, datetime] = {}

    def due(self, name: str, now: datetime) -> bool:
        """Whether none of this name was shown in the last minute; if so, this one counts as shown now."""
        shown = self._shown.get(name)
        if shown is not None and timedelta() <= now - shown < SAMPLE_EVERY:
            return False
        self._shown[name] = now
        return True


class CountedSink:
    """A sink that counts its messages as the stage's output."""

    def __init__(self, sink: Sink, stage: Stage) -> None:
        self._sink = sink
        self._stage = stage

    def put(self, topic: str, key: str, value: bytes, headers: Sequence[Header] = ()) -> None:
        """Put and count one message."""
        self._sink.put(topic, key, value, headers)
        self._stage.emitted(topic)

    def put_all(self, topic: str, messages: Sequence[tuple[str, bytes]]) -> None:
        """Put and count messages."""
        self._sink.put_all(topic, messages)
        self._stage.emitted(topic, len(messages))

    def flush(self) -> None:
        """Flush the wrapped sink."""
        self._sink.flush()

    def close(self) -> None:
        """Close the wrapped sink."""
        self._sink.close()
