"""The loop that every consuming service runs: take, parse, work, flush, commit."""

import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

import structlog

from energytrack.bus import Record, Sink, Source
from energytrack.clock import Clock
from energytrack.errors import MalformedMessage
from energytrack.health import Health
from energytrack.messages import Message, Parser
from energytrack.telemetry import Stage
from energytrack.topics import DEAD_LETTERS, PARSERS

log = structlog.get_logger(__name__)


MAX_BURIED_BYTES: Final = 1_900_000
"""A plant may allow larger messages than the dead-letter topic takes; their beginning must do."""
MAX_BURIED_KEY: Final = 1000


class Taken(NamedTuple):
    """A record and the message it holds."""

    record: Record
    message: Message


Handle = Callable[[Sequence[Taken]], None]
"""A service's work on one batch; when it returns, the batch is stored, or put on the sink and only a flush away."""

Refused = Callable[[MalformedMessage], None]


def consume(
    source: Source,
    sink: Sink,
    handle: Handle,
    *,
    stage: Stage,
    clock: Clock,
    stop: threading.Event,
    limit: int = 5000,
    wait: float = 0.5,
    parsers: Mapping[str, Parser] = PARSERS,
    health: Health | None = None,
    refused: Refused | None = None,
) -> None:
    """Run until `stop` is set. Whatever `handle` or the flush raises ends the loop before the commit."""
    while not stop.is_set():
        consume_once(
            source,
            sink,
            handle,
            stage=stage,
            clock=clock,
            limit=limit,
            wait=wait,
            parsers=parsers,
            health=health,
            refused=refused,
        )


def consume_once(
    source: Source,
    sink: Sink,
    handle: Handle,
    *,
    stage: Stage,
    clock: Clock,
    limit: int = 5000,
    wait: float = 0.5,
    parsers: Mapping[str, Parser] = PARSERS,
    health: Health | None = None,
    refused: Refused | None = None,
) -> int:
    """One turn of the loop; returns how many records were taken.

    `health` hears of the turn and of its work, `refused` of each dead letter.
    """
    health = health or Health(clock)
    health.beat()
    records = source.take(limit, wait)
    health.beat()
    if not records:
        return 0
    with health.work(f"a batch of {len(records)} messages"):
        _work(source, sink, handle, records, stage=stage, clock=clock, parsers=parsers, refused=refused)
    return len(records)


def _work(
    source: Source,
    sink: Sink,
    handle: Handle,
    records: Sequence[Record],
    *,
    stage: Stage,
    clock: Clock,
    parsers: Mapping[str, Parser],
    refused: Refused | None,
) -> None:
    for topic, count in Counter(record.topic for record in records).items():
        stage.received(topic, count)
    batch: list[Taken] = []
    now = clock.now()
    for record in records:
        try:
            batch.append(Taken(record, parsers[record.topic](record.value, now)))
        except MalformedMessage as malformed:
            bury(sink, record, malformed, stage=stage)
            if refused is not None:
                refused(malformed)
    if batch:
        handle(batch)
    sink.flush()
    source.commit()
    stage.processed(clock.now())


def bury(sink: Sink, record: Record, malformed: MalformedMessage, *, stage: Stage) -> None:
    """Put a record that no parser understands on the dead-letter topic, raw, with its reason and where it lay."""
    stage.rejected(malformed.reason)
    log.debug("message rejected", topic=record.topic, partition=record.partition, offset=record.offset,
              reason=malformed.reason, detail=malformed.detail)  # fmt: skip
    raw = record.value or b""
    headers = (
        ("reason", malformed.reason.encode()),
        ("detail", malformed.detail.encode(errors="replace")[:1000]),
        ("topic", record.topic.encode()),
        ("partition", str(record.partition).encode()),
        ("offset", str(record.offset).encode()),
        ("stage", stage.name.encode()),
        ("bytes", str(len(raw)).encode()),
    )
    key = (record.key or b"").decode("utf-8", errors="replace")[:MAX_BURIED_KEY]
    sink.put(DEAD_LETTERS, key, raw[:MAX_BURIED_BYTES], headers)
