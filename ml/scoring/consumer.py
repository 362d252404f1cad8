"""Processes batches of readings and events; waiting, taking and committing happen outside."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import structlog

from energytrack.bus import Sink
from energytrack.clock import Clock
from energytrack.consume import Taken
from energytrack.events import DeviceEvent, MachineRetired
from energytrack.messages import Reading, encode
from energytrack.topics import INSIGHTS, READINGS
from ml.models.card import Champion
from ml.scoring.outcome_tracker import OutcomeCounts, OutcomeTracker
from ml.scoring.scorer import Scorer
from ml.scoring.warm_up import WarmUp

Partitions = frozenset[tuple[str, int]]


log = structlog.get_logger(__name__)


class MlConsumer:
    """Processes a batch: its events, its readings, its insights, and the outcomes of alarms."""

    def __init__(
        self,
        scorer: Scorer,
        sink: Sink,
        *,
        clock: Clock,
        took: Callable[[Sequence[float]], None],
        warm_up: WarmUp | None = None,
        truth: Callable[[OutcomeCounts], None] = lambda _: None,
        timed: Callable[[float], None] = lambda _: None,
    ) -> None:
        """`took` is called with the latencies of a batch's readings, `timed` with the time to score it, in seconds."""
        self._scorer = scorer
        self._warm_up = warm_up
        self._truth = OutcomeTracker()
        self._settled = truth
        self._timed = timed
        self._sink = sink
        self._clock = clock
        self._took = took
        self._partition_of: dict[str, int] = {}
        self._owned: frozenset[int] = frozenset()

    def handle(self, batch: Sequence[Taken]) -> None:
        """Score one batch, all its readings at once."""
        readings: list[Reading] = []
        events: list[DeviceEvent] = []
        strangers: dict[str, datetime] = {}
        for taken in batch:
            message = taken.message
            if isinstance(message, Reading):
                readings.append(message)
                if message.device_id not in self._partition_of:
                    strangers[message.device_id] = message.timestamp
                self._partition_of[message.device_id] = taken.record.partition
            else:
                events.append(message)  # type: ignore[arg-type]  # the other topic holds events only
        if self._warm_up is not None:
            self._recall(self._warm_up, strangers)
        self._scorer.note(events)
        self._forget([event.device_id for event in events if isinstance(event, MachineRetired)])
        began = self._clock.monotonic()
        insights = self._scorer.score(readings, self._clock.now())
        if readings:
            self._timed(self._clock.monotonic() - began)
        self._sink.put_all(INSIGHTS, [(insight.device_id, encode(insight)) for insight in insights])
        if self._scorer.champion is not None:
            horizon = self._scorer.champion.card.horizon_hours
            self._settled(self._truth.update(insights, events, horizon_hours=horizon))
        now = self._clock.now().timestamp()
        self._took([max(now - reading.timestamp.timestamp(), 0.0) for reading in readings])

    def promote(self, champion: Champion) -> None:
        """Use another model from now on."""
        kept = self._scorer.promote(champion)
        if not kept:
            self._partition_of.clear()  # request the history that it needs again
        log.info("scoring with a new model", version=champion.card.version, history_kept=kept)

    def _recall(self, warm_up: WarmUp, strangers: Mapping[str, datetime]) -> None:
        """Add the history of machines that are new here, and history that has arrived since."""
        if strangers:
            warm_up.ask(strangers, self._scorer.window.spec)
        for past in warm_up.nearest() if strangers else warm_up.come():
            if past.device_id in self._partition_of:
                self._scorer.recall(past)

    def assigned(self, partitions: Partitions) -> None:
        """Forget the devices of partitions that moved; during a rebalance there may be none for a moment."""
        owned = frozenset(partition for topic, partition in partitions if topic == READINGS)
        if not owned or owned == self._owned:
            return
        lost = self._owned - owned
        self._owned = owned
        gone = [device_id for device_id, partition in self._partition_of.items() if partition in lost]
        self._forget(gone)
        log.info("partitions assigned", partitions=len(owned), devices_released=len(gone))

    def _forget(self, device_ids: Sequence[str]) -> None:
        for device_id in device_ids:
            self._partition_of.pop(device_id, None)
        self._scorer.forget(device_ids)
        self._truth.forget(device_ids)
