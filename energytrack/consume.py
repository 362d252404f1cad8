"""The loop that every consuming service runs: take, parse, work, flush, commit."""

import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

import structlog
from msgspec import Struct

from energytrack.bus import Header, Record, SetAside, Sink, Source
from energytrack.clock import Clock
from energytrack.decoding.decoded import Decoded, FieldProblem, Parser
from energytrack.errors import MalformedMessage
from energytrack.messages import EMPTY, Message, Reading
from energytrack.running.health import Health
from energytrack.telemetry import Stage
from energytrack.topics import DEAD_LETTERS, PARSERS, READINGS, files_dead_letters

log = structlog.get_logger(__name__)


MAX_BURIED_BYTES: Final = 1_900_000
"""A plant may allow larger messages than the dead-letter topic accepts; only their beginning is kept."""
MAX_BURIED_KEY: Final = 1000


class Taken(Struct, frozen=True, gc=False):
    """A record and the message it holds."""

    record: Record
    message: Message


Handle = Callable[[Sequence[Taken]], None]
"""A service's work on one batch. When it returns, the batch is stored, or put on the sink and waiting for a flush."""

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
    """Run until `stop` is set. An error raised by `handle` or the flush ends the loop before the commit."""
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
    """Run one turn of the loop; returns how many records were taken.

    The turn and its work are reported to `health`; `refused` is called with each message that cannot be parsed.
    """
    health = health or Health(clock)
    health.beat()
    records = source.take(limit, wait)
    passed_over = source.set_aside()
    health.beat()
    if not records and not passed_over:
        return 0
    with health.work(f"a batch of {len(records)} messages"):
        _work(source, sink, handle, records, passed_over, stage=stage, clock=clock, parsers=parsers, refused=refused)
    return len(records)


def _work(
    source: Source,
    sink: Sink,
    handle: Handle,
    records: Sequence[Record],
    passed_over: Sequence[SetAside],
    *,
    stage: Stage,
    clock: Clock,
    parsers: Mapping[str, Parser],
    refused: Refused | None,
) -> None:
    for unreadable in passed_over:
        bury_batch(sink, unreadable, stage=stage)
    for topic, count in Counter(record.topic for record in records).items():
        stage.received(topic, count)
    batch: list[Taken] = []
    now = clock.now()
    for record in records:
        try:
            message = parsers[record.topic](record.value, now)
        except MalformedMessage as malformed:
            _refuse(sink, record, malformed, stage=stage, refused=refused)
            continue
        if message.__class__ is Reading and message.device_id.encode() == record.key:
            batch.append(Taken(record, message))  # as nearly all are
            continue
        decoded = message if isinstance(message, Decoded) else Decoded((message,))
        _name_problems(sink, record, decoded, stage=stage, now=now)
        for each in decoded.refused:
            _refuse(sink, record, each, stage=stage, refused=refused)
        batch.extend(Taken(record, one) for one in decoded.messages)
    if batch:
        handle(batch)
    sink.flush()
    source.commit()
    stage.processed(clock.now())


def _refuse(sink: Sink, record: Record, malformed: MalformedMessage, *, stage: Stage, refused: Refused | None) -> None:
    if malformed.reason == EMPTY:
        stage.passed_over(EMPTY)
        return
    dead_letter(sink, record, malformed, stage=stage)
    if refused is not None:
        refused(malformed)


def _name_problems(sink: Sink, record: Record, decoded: Decoded, *, stage: Stage, now: datetime) -> None:
    """Count unusable values and wrong keys; log one of each kind a minute."""
    for problem in decoded.problems:
        stage.field_rejected(problem.field)
        _show(sink, record, problem, stage=stage, now=now)
    if record.topic != READINGS:
        return
    for message in decoded.messages:
        if message.device_id.encode() != record.key:
            stage.wrong_key()
            key = "no key" if record.key is None else f"the key {record.key[:64].decode(errors='replace')!a}"
            detail = (
                f"a reading of {message.device_id} has {key}: expected its device_id as key, else its readings can "
                "come out of order, and with two replicas of a service two of them follow this machine, each with a "
                "part of its readings"
            )
            _show(sink, record, FieldProblem(message.device_id, "key", detail), stage=stage, now=now)


def _show(sink: Sink, record: Record, problem: FieldProblem, *, stage: Stage, now: datetime) -> None:
    """Send one sample per field and minute to the log and to the dead letters."""
    if stage.samples.due(problem.field, now):
        log.warning("a value cannot be used", device=problem.device_id, field=problem.field, detail=problem.detail)
        _to_dead_letters(sink, record, f"field_{problem.field}", problem.detail, stage=stage)


def dead_letter(sink: Sink, record: Record, malformed: MalformedMessage, *, stage: Stage) -> None:
    """Count a record that cannot be parsed; the stage that owns its topic puts it on the dead-letter topic, raw."""
    stage.rejected(malformed.reason)
    log.debug("message rejected", topic=record.topic, partition=record.partition, offset=record.offset,
              reason=malformed.reason, detail=malformed.detail)  # fmt: skip
    _to_dead_letters(sink, record, malformed.reason, malformed.detail, stage=stage)


def _to_dead_letters(sink: Sink, record: Record, reason: str, detail: str, *, stage: Stage) -> None:
    if not files_dead_letters(stage.name, record.topic):
        return
    raw = record.value or b""
    headers = (
        ("reason", reason.encode()),
        ("detail", detail.encode(errors="replace")[:1000]),
        ("topic", record.topic.encode()),
        ("partition", str(record.partition).encode()),
        ("offset", str(record.offset).encode()),
        ("stage", stage.name.encode()),
        ("bytes", str(len(raw)).encode()),
    )
    key = (record.key or b"").decode("utf-8", errors="replace")[:MAX_BURIED_KEY]
    sink.put(DEAD_LETTERS, key, raw[:MAX_BURIED_BYTES], headers)


def bury_batch(sink: Sink, batch: SetAside, *, stage: Stage) -> None:
    """Log and count a batch that cannot be decoded; the stage that owns its topic puts it on the dead-letter topic."""
    stage.set_aside(batch.reason)
    log.warning("a batch of messages cannot be read and is set aside", topic=batch.topic, partition=batch.partition,
                first_offset=batch.first, last_offset=batch.last, reason=batch.reason, detail=batch.detail)  # fmt: skip
    if not files_dead_letters(stage.name, batch.topic):
        return
    headers = (
        ("reason", f"batch_{batch.reason}".encode()),
        ("detail", batch.detail.encode(errors="replace")[:1000]),
        ("topic", batch.topic.encode()),
        ("partition", str(batch.partition).encode()),
        ("offset", str(batch.first).encode()),
        ("last_offset", str(batch.last).encode()),
        ("stage", stage.name.encode()),
        ("bytes", str(len(batch.raw)).encode()),
    )
    sink.put(DEAD_LETTERS, "", batch.raw[:MAX_BURIED_BYTES], headers)


class Discard:
    """A sink for services that may not write dead letters, or whose dead letters another service writes."""

    def put(self, topic: str, key: str, value: bytes, headers: Sequence[Header] = ()) -> None:
        """Send nothing."""

    def put_all(self, topic: str, messages: Sequence[tuple[str, bytes]]) -> None:
        """Send nothing."""

    def flush(self) -> None:
        """Return at once."""

    def close(self) -> None:
        """Do nothing: nothing is open."""
