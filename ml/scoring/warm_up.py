"""The history of machines that are new to this consumer, from the store: after a restart, or when partitions move.

A separate thread reads it, the most recent part first, so scoring waits for a few seconds at most: a machine without
history, or whose history arrives late, is scored with what the stream contains.
"""

import heapq
import itertools
import queue
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final, Literal

import numpy as np
import structlog
from msgspec import Struct
from prometheus_client import CollectorRegistry, Counter

from energytrack.errors import StoreRefused, StoreUnavailable
from energytrack.events import DeviceEvent
from energytrack.machines.state import MachineState
from energytrack.settings import MongoSettings
from energytrack.store import Store
from energytrack.store.open import open_store
from energytrack.store.unreadable_metric import UnreadableCollector
from ml.arrays import Floats, Integers
from ml.features.spec import FeatureSpec
from ml.settings import MlSettings

log = structlog.get_logger(__name__)

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
NEAR: Final = 10
"""Number of buckets that are read first: enough for a probability."""
CODES_BACK: Final = timedelta(days=60)
"""Fault codes of this time are read; further back if a model counts them over a longer one."""
REPAIRS_BACK: Final = timedelta(days=180)
"""Failures and repairs of this time are read: what the newest rows of a retraining see, 90 days and 90 before them."""
REPAIRS: Final = ("failure", "maintenance_done")
WarmUpOutcome = Literal["recalled", "nothing", "failed"]
WARM_UP_OUTCOMES: Final[tuple[WarmUpOutcome, ...]] = ("recalled", "nothing", "failed")


class HistoryRequest(Struct, frozen=True):
    """A part of a machine's history: (since, until]."""

    device_id: str
    since: datetime
    until: datetime
    spec: FeatureSpec
    first: bool
    """The part just before now, with everything known besides readings."""


@dataclass(frozen=True, eq=False)
class DeviceHistory:
    """The store's data of a machine."""

    device_id: str
    until: datetime
    spec: FeatureSpec
    at_ms: Integers
    """Ends of buckets with readings, oldest first."""
    means: Floats
    """[buckets, signals], NaN if a sensor was lost."""
    events: tuple[DeviceEvent, ...] = ()
    latest: MachineState | None = None


ReadHistory = Callable[[HistoryRequest], DeviceHistory]


def read_history(store: Store, question: HistoryRequest) -> DeviceHistory:
    """Query the store; raises StoreUnavailable, StoreRefused."""
    device_id, spec = question.device_id, question.spec
    width = timedelta(seconds=spec.bucket_seconds)
    pieces = store.readings.means([device_id], spec.signals, since=question.since, until=question.until, width=width)
    at_ms: list[int] = []
    columns: list[list[float | None]] = [[] for _ in spec.signals]
    for piece in pieces:
        at_ms += piece.end_ms
        for column, signal in zip(columns, spec.signals, strict=True):
            column.extend(piece.signals[signal])
    means = np.array(columns, dtype=np.float64).T.reshape(-1, len(spec.signals))
    past = DeviceHistory(device_id, question.until, spec, np.array(at_ms, dtype=np.int64), means)
    if not question.first:
        return past
    # Another consumer may have taken the events in the bucket of the machine's first reading here.
    until = question.until + width
    codes_back = max(CODES_BACK, timedelta(hours=spec.codes_reach_hours))
    codes = store.events.of_device(device_id, since=question.until - codes_back, until=until, kinds=("fault_code",))
    repairs = store.events.of_device(device_id, since=question.until - REPAIRS_BACK, until=until, kinds=REPAIRS)
    events = heapq.merge(codes, repairs, key=lambda event: event.timestamp)
    return replace(past, events=tuple(events), latest=store.devices.get(device_id))


@contextmanager
def warming_up(mongo: MongoSettings, settings: MlSettings, registry: CollectorRegistry) -> Iterator["WarmUp | None"]:
    """A warm-up from the store, while the context lasts; None if it is disabled.

    Without its index, the store would read all readings for each machine, and would have no time to write any.
    """
    if settings.warm_up_hours == 0 or not mongo.index_readings:
        log.info("history is not read from the database; new machines are scored once enough readings have arrived")
        yield None
        return
    with closing(open_store(mongo)) as store:
        registry.register(UnreadableCollector(store.unreadable))
        asking = WarmUp(
            partial(read_history, store),
            hours=settings.warm_up_hours,
            patience=settings.warm_up_seconds,
            registry=registry,
        )
        with closing(asking):
            yield asking


class WarmUp:
    """A queue of requests and results, the most recent parts first; used by one thread besides its own."""

    def __init__(self, read: ReadHistory, *, hours: float, patience: float, registry: CollectorRegistry) -> None:
        """Histories go back `hours`; `patience` is how long, in seconds, to wait for the most recent parts."""
        self._read = read
        self._reach = timedelta(hours=hours)
        self._patience = patience
        self._waiting: queue.PriorityQueue[tuple[bool, int, HistoryRequest | None]] = queue.PriorityQueue()
        self._found: queue.SimpleQueue[DeviceHistory] = queue.SimpleQueue()
        self._number = itertools.count()
        self._owed = 0
        """Most recent parts that are not read yet."""
        self._settled = threading.Condition()
        self._failing = self._late = False
        self._counted = Counter(
            "energytrack_model_warm_ups",
            "Machines whose history was requested when they were new to a consumer, by outcome.",
            ["outcome"],
            registry=registry,
        )
        for outcome in WARM_UP_OUTCOMES:
            self._counted.labels(outcome)
        threading.Thread(target=self._work, daemon=True, name="warm-up").start()

    def ask(self, first_seen: Mapping[str, datetime], spec: FeatureSpec) -> None:
        """Request the history of machines, each up to the bucket of its first reading."""
        width = timedelta(seconds=spec.bucket_seconds)
        with self._settled:
            self._owed += len(first_seen)
        for device_id, seen in first_seen.items():
            until = seen - (seen - EPOCH) % width
            begin = until - self._reach // width * width
            near = max(until - NEAR * width, begin)
            self._put(HistoryRequest(device_id, near, until, spec, first=True))
            if begin < near:
                self._put(HistoryRequest(device_id, begin, near, spec, first=False))

    def nearest(self) -> Iterable[DeviceHistory]:
        """The results so far, after waiting for all most recent parts; for a slow store, wait only once."""
        with self._settled:
            in_time = self._settled.wait_for(lambda: self._owed == 0, 0.0 if self._late else self._patience)
        if not in_time and not self._late:
            log.warning(
                "reading history takes long; machines are scored without it until it arrives", machines=self._owed
            )
        self._late = not in_time
        return self.come()

    def come(self) -> Iterable[DeviceHistory]:
        """The results so far."""
        while True:
            try:
                yield self._found.get_nowait()
            except queue.Empty:
                return

    def close(self) -> None:
        """End the thread before its next request."""
        self._waiting.put((False, -1, None))

    def _put(self, question: HistoryRequest) -> None:
        self._waiting.put((not question.first, next(self._number), question))

    def _work(self) -> None:
        while True:
            _, _, question = self._waiting.get()
            if question is None:
                return
            self._answer(question)

    def _answer(self, question: HistoryRequest) -> None:
        outcome: WarmUpOutcome
        try:
            past = self._read(question)
        except (StoreUnavailable, StoreRefused) as error:
            outcome = "failed"
            if not self._failing:
                log.warning(
                    "history cannot be read; new machines are scored once enough readings have arrived",
                    detail=str(error),
                )
            self._failing = True
            self._drop()
        else:
            self._failing = False
            outcome = "recalled" if len(past.at_ms) else "nothing"
            self._found.put(past)
        if question.first:
            self._counted.labels(outcome).inc()
            self._pay(1)

    def _drop(self) -> None:
        """Drop all requests: each request to an unavailable store would delay the next by seconds."""
        dropped = 0
        while True:
            try:
                _, _, question = self._waiting.get_nowait()
            except queue.Empty:
                break
            if question is None:
                self.close()
                break
            dropped += question.first
        self._counted.labels("failed").inc(dropped)
        self._pay(dropped)

    def _pay(self, count: int) -> None:
        with self._settled:
            self._owed -= count
            self._settled.notify_all()
