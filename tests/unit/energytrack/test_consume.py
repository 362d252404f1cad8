"""The consuming loop: take, parse, work, flush, commit, in this order and no other."""

import threading
from collections.abc import Sequence
from datetime import timedelta

import pytest
from prometheus_client import CollectorRegistry

from energytrack.bus import Header, Record
from energytrack.bus.memory import MemoryBus
from energytrack.clock import ManualClock
from energytrack.consume import MAX_BURIED_BYTES, Taken, consume, consume_once
from energytrack.decoding.decoder import ReadingDecoder
from energytrack.errors import DeliveryFailed
from energytrack.messages import encode
from energytrack.telemetry import CountedSink, Stage
from energytrack.topics import DEAD_LETTERS, EVENTS, PARSERS, READINGS
from testkit.builders.messages import NOW, a_reading, an_event


class StageWithDiary:
    """A stage on a memory bus, and a diary of what it did."""

    def __init__(self) -> None:
        self.bus = MemoryBus(partitions=1)
        self.registry = CollectorRegistry()
        self.stage = Stage("historian", self.registry, takes=[READINGS, EVENTS], puts=[DEAD_LETTERS])
        self.diary: list[str] = []
        self.seen: list[Taken] = []
        self.failing: Exception | None = None
        self.flush_fails = False
        self.parsers = {**PARSERS, READINGS: ReadingDecoder().decode}

    def put(self, topic: str, value: bytes, key: str = "cnc-0007") -> None:
        self.bus.sink().put(topic, key, value)

    def handle(self, batch: Sequence[Taken]) -> None:
        self.diary.append("work")
        if self.failing:
            raise self.failing
        self.seen.extend(batch)

    def consume(self) -> int:
        source = self.bus.source("historian", [READINGS, EVENTS])
        try:
            return consume_once(
                CallDiary(source, self.diary, "commit"),  # type: ignore[arg-type]
                CountedSink(WatchedSink(self), self.stage), self.handle, stage=self.stage, clock=ManualClock(NOW),
                parsers=self.parsers,
            )  # fmt: skip
        finally:
            source.close()

    def sample(self, name: str, **labels: str) -> float | None:
        return self.registry.get_sample_value(f"energytrack_pipeline_{name}", {"stage": "historian", **labels})


class CallDiary:
    """Writes the calls of one method into a diary."""

    def __init__(self, watched: object, diary: list[str], method: str) -> None:
        self._watched = watched
        self._diary = diary
        self._method = method

    def __getattr__(self, name: str) -> object:
        if name == self._method:
            self._diary.append(name)
        return getattr(self._watched, name)


class WatchedSink:
    def __init__(self, line: StageWithDiary) -> None:
        self._line = line
        self._sink = line.bus.sink()

    def put(self, topic: str, key: str, value: bytes, headers: Sequence[Header] = ()) -> None:
        self._line.diary.append("put")
        self._sink.put(topic, key, value, headers)

    def put_all(self, topic: str, messages: Sequence[tuple[str, bytes]]) -> None:
        self._line.diary.append("put")
        self._sink.put_all(topic, messages)

    def flush(self) -> None:
        self._line.diary.append("flush")
        if self._line.flush_fails:
            raise DeliveryFailed(1, "the broker is away")

    def close(self) -> None:
        self._sink.close()


@pytest.fixture
def line() -> StageWithDiary:
    return StageWithDiary()


def test_the_order_is_work_flush_commit(line: StageWithDiary) -> None:
    """What a batch put is acknowledged before the batch is committed."""
    line.put(READINGS, encode(a_reading()))
    assert line.consume() == 1
    assert line.diary == ["work", "flush", "commit"]
    assert line.consume() == 0
    assert line.diary == ["work", "flush", "commit"], "an empty take is no batch"


def test_messages_come_parsed_with_the_record_that_held_them(line: StageWithDiary) -> None:
    """Topics may be mixed in a batch."""
    reading, event = a_reading(), an_event()
    line.put(READINGS, encode(reading))
    line.put(EVENTS, encode(event))
    line.consume()
    assert {taken.record.topic: taken.message for taken in line.seen} == {READINGS: reading, EVENTS: event}


def test_a_stage_that_does_not_own_the_topic_only_counts(line: StageWithDiary) -> None:
    """So that a message that three stages refuse is one dead letter."""
    line.stage = Stage("exporters", CollectorRegistry(), takes=[READINGS], puts=[])
    line.put(READINGS, b"no reading")
    line.consume()
    assert line.bus.values(DEAD_LETTERS) == []


def test_a_poison_message_goes_to_the_dead_letters_raw_and_with_its_reason(line: StageWithDiary) -> None:
    """People can see what came, why it was refused, where it lay and who refused it."""
    line.put(READINGS, encode(a_reading()))
    line.put(READINGS, b'{"device_id": "cnc-0007", "temperature": "hot"}')
    line.put(READINGS, encode(a_reading("cnc-0008")), key="cnc-0008")
    line.consume()
    assert [taken.message.device_id for taken in line.seen] == ["cnc-0007", "cnc-0008"]
    assert line.bus.values(DEAD_LETTERS) == [b'{"device_id": "cnc-0007", "temperature": "hot"}']
    headers = dict(line.bus.headers[DEAD_LETTERS, 0, 0])
    assert headers["reason"] == b"missing_field"
    assert b"$.timestamp" in headers["detail"]
    assert (headers["topic"], headers["partition"], headers["offset"]) == (READINGS.encode(), b"0", b"1")
    assert headers["stage"] == b"historian"
    assert line.bus.records[DEAD_LETTERS, 0][0].key == b"cnc-0007"
    assert line.diary == ["put", "work", "flush", "commit"]


def test_a_batch_of_poison_alone_is_committed_without_work(line: StageWithDiary) -> None:
    """Nothing is left to work on, and the group must not stand still."""
    line.put(READINGS, b"?")
    line.consume()
    assert line.diary == ["put", "flush", "commit"]
    assert line.consume() == 0


def test_an_oversized_message_is_buried_with_its_beginning(line: StageWithDiary) -> None:
    """What the dead-letter topic would refuse must not stop the group for ever."""
    line.put(READINGS, b"x" * 3_000_000)
    line.consume()
    assert [len(value) for value in line.bus.values(DEAD_LETTERS)] == [MAX_BURIED_BYTES]
    assert dict(line.bus.headers[DEAD_LETTERS, 0, 0])["bytes"] == b"3000000"


def test_a_failure_of_the_work_commits_nothing(line: StageWithDiary) -> None:
    """The batch is taken again."""
    line.put(READINGS, encode(a_reading()))
    line.failing = RuntimeError("disk full")
    with pytest.raises(RuntimeError, match="disk full"):
        line.consume()
    assert line.diary == ["work"]
    line.failing = None
    assert line.consume() == 1
    assert len(line.seen) == 1


def test_a_failure_of_the_flush_commits_nothing(line: StageWithDiary) -> None:
    """What was not acknowledged is made again from what it came from."""
    line.put(READINGS, encode(a_reading()))
    line.flush_fails = True
    with pytest.raises(DeliveryFailed):
        line.consume()
    assert line.diary == ["work", "flush"]
    line.flush_fails = False
    assert line.consume() == 1


def test_a_stage_tells_what_came_what_went_and_what_broke(line: StageWithDiary) -> None:
    """Received by topic, rejected by reason, put by topic, and when."""
    line.put(READINGS, encode(a_reading()))
    line.put(READINGS, b"?")
    line.put(EVENTS, encode(an_event()))
    assert line.sample("rejected_total", reason="not_json") == 0, "zero from the start"
    line.consume()
    assert line.sample("received_total", topic=READINGS) == 2
    assert line.sample("received_total", topic=EVENTS) == 1
    assert line.sample("rejected_total", reason="not_json") == 1
    assert line.sample("emitted_total", topic=DEAD_LETTERS) == 1
    assert line.sample("last_processed_timestamp_seconds") == NOW.timestamp()


def test_the_loop_ends_when_it_is_asked_to(line: StageWithDiary) -> None:
    """The batch at hand is finished first."""
    stop = threading.Event()
    for number in range(3):
        line.put(READINGS, encode(a_reading(f"cnc-{number:04d}")))

    def handle(batch: Sequence[Taken]) -> None:
        line.seen.extend(batch)
        stop.set()

    source = line.bus.source("historian", [READINGS])
    consume(
        source, line.bus.sink(), handle, stage=line.stage, clock=ManualClock(NOW),
        stop=stop, limit=2,
    )  # fmt: skip
    assert len(line.seen) == 2
    assert line.bus.committed["historian", READINGS, 0] == 2


def test_a_key_that_is_no_text_is_buried_all_the_same(line: StageWithDiary) -> None:
    """Whoever wrote to the topic may have used any key."""
    line.bus.records[READINGS, 0].append(Record(READINGS, 0, 0, b"\xff\xfe", b"{"))
    line.consume()
    assert len(line.bus.values(DEAD_LETTERS)) == 1
    assert dict(line.bus.headers[DEAD_LETTERS, 0, 0])["reason"] == b"not_json"


@pytest.mark.parametrize("value", [None, b"", b" \n"])
def test_a_tombstone_is_counted_and_passed_over(line: StageWithDiary, value: bytes | None) -> None:
    """It is no dead letter: nobody is paged for it."""
    line.bus.records[READINGS, 0].append(Record(READINGS, 0, 0, b"cnc-0007", value))
    line.consume()
    assert line.bus.values(DEAD_LETTERS) == []
    assert line.sample("passed_over_total", reason="empty") == 1
    assert line.bus.committed["historian", READINGS, 0] == 1


def test_a_bad_value_costs_that_value(line: StageWithDiary) -> None:
    """It is counted each time, and shown once a minute; the reading is worked on."""
    bad = encode(a_reading()).replace(b"61.5", b'"RUNNING"')
    for _ in range(3):
        line.put(READINGS, bad)
    line.consume()
    assert [taken.message for taken in line.seen] == 3 * [a_reading(temperature=None)]
    assert line.sample("field_rejected_total", field="temperature") == 3
    assert line.sample("field_rejected_total", field="pressure") == 0
    assert line.bus.values(DEAD_LETTERS) == [bad]
    headers = dict(line.bus.headers[DEAD_LETTERS, 0, 0])
    assert headers["reason"] == b"field_temperature"
    assert b'got "RUNNING", expected a number' in headers["detail"]
    assert line.sample("rejected_total", reason="wrong_type") == 0


def test_an_array_is_several_messages(line: StageWithDiary) -> None:
    """What cannot be understood of it is a dead letter, and counted; the rest is worked on."""
    readings = [a_reading(timestamp=NOW + timedelta(seconds=i)) for i in range(2)]
    line.put(READINGS, b"[%s,7,%s]" % (encode(readings[0]), encode(readings[1])))
    line.consume()
    assert [taken.message for taken in line.seen] == readings
    assert line.sample("rejected_total", reason="wrong_type") == 1
    assert len(line.bus.values(DEAD_LETTERS)) == 1


@pytest.mark.parametrize(("key", "named"), [(b"gateway-1", b"has the key 'gateway-1'"), (None, b"has no key")])
def test_a_key_that_is_not_the_device_is_named(line: StageWithDiary, key: bytes | None, named: bytes) -> None:
    """Which device, which key, and what follows from it; the reading counts all the same."""
    for i in range(2):
        line.bus.records[READINGS, 0].append(Record(READINGS, 0, i, key, encode(a_reading())))
    line.consume()
    assert [taken.message for taken in line.seen] == 2 * [a_reading()]
    assert line.sample("wrong_key_total") == 2
    (headers,) = (dict(line.bus.headers[DEAD_LETTERS, 0, i]) for i in range(len(line.bus.values(DEAD_LETTERS))))
    assert headers["reason"] == b"field_key"
    assert named in headers["detail"]
    assert b"with two replicas" in headers["detail"]
