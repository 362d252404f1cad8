"""Metrics of a stage of the pipeline: input, output, errors, and the time of the last batch."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import cache, partial
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from energytrack.bus import SET_ASIDE_REASONS, Header, SetAsideReason, Sink
from energytrack.messages import REASONS

LATENCY_BUCKETS: Final = (0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 5, 10, 30, 60, 300, 3600)


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
            "Messages that a stage could not parse and sent to the dead letters, by reason.",
            ["stage", "reason"],
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
        self._latency = Histogram(
            "energytrack_pipeline_latency_seconds",
            "From a message's own timestamp to the end of a stage's work on it.",
            ["stage"],
            registry=registry,
            buckets=LATENCY_BUCKETS,
        )
        self._emitted_on = cache(partial(self._emitted.labels, name))  # looked up for each message
        self._last_processed.labels(name)
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
        """Count a dead letter."""
        self._rejected.labels(self.name, reason).inc()

    def set_aside(self, reason: SetAsideReason) -> None:
        """Count a skipped batch."""
        self._set_aside.labels(self.name, reason).inc()

    def processed(self, now: datetime) -> None:
        """Record that a batch was finished."""
        self._last_processed.labels(self.name).set(now.timestamp())

    def latency_observer(self) -> Callable[[float], None]:
        """A function to call with each message's latency in seconds."""
        return self._latency.labels(self.name).observe


class CountedSink:
    """A sink that counts its messages as the stage's output."""

    def __init__(self, sink: Sink, stage: Stage) -> None:
        self._sink = sink
        self._stage = stage

    def put(self, topic: str, key: str, value: bytes, headers: Sequence[Header] = ()) -> None:
        """Put and count one message."""
        self._sink.put(topic, key, value, headers)
        self._stage.emitted(topic)

    def flush(self) -> None:
        """Flush the wrapped sink."""
        self._sink.flush()

    def close(self) -> None:
        """Close the wrapped sink."""
        self._sink.close()
