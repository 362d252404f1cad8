"""`python -m ml.ml_consumer`: readings and events come from Kafka, an insight goes back for each reading."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from datetime import datetime
from typing import Final

import structlog

from energytrack.bus import Sink
from energytrack.bus.open import open_bus
from energytrack.clock import Clock
from energytrack.consume import Taken, consume_once
from energytrack.messages import DeviceEvent, Reading, encode
from energytrack.plant import load_plant
from energytrack.room import RoomGuard
from energytrack.service import entry, running
from energytrack.settings import DiskSettings, KafkaSettings, MongoSettings, PlantSettings, ServiceSettings, read_all
from energytrack.telemetry import CountedSink, Stage
from energytrack.topics import DEAD_LETTERS, EVENTS, INSIGHTS, READINGS
from ml.models.card import Champion
from ml.models.champion_file import ChampionFile
from ml.models.metrics import ModelMetrics
from ml.recommendations.rules import recommendation_rules
from ml.scoring.outcome_metrics import OutcomeMetrics
from ml.scoring.outcome_tracker import OutcomeTracker, Tally
from ml.scoring.scorer import Scorer
from ml.scoring.warm_up import WarmUp, warming_up
from ml.settings import MlSettings

log = structlog.get_logger(__name__)

NAME: Final = "ml-consumer"
TAKES: Final = (READINGS, EVENTS)
Partitions = frozenset[tuple[str, int]]


class MlConsumer:
    """What is done with a batch: note its events, score its readings, put their insights, settle what was foretold."""

    def __init__(
        self,
        scorer: Scorer,
        sink: Sink,
        *,
        clock: Clock,
        observe: Callable[[float], None],
        warm_up: WarmUp | None = None,
        truth: Callable[[Tally], None] = lambda _: None,
        timed: Callable[[float], None] = lambda _: None,
    ) -> None:
        """`observe` is told each reading's latency, `timed` how long scoring a batch took, both in seconds."""
        self._scorer = scorer
        self._warm_up = warm_up
        self._truth = OutcomeTracker()
        self._settled = truth
        self._timed = timed
        self._sink = sink
        self._clock = clock
        self._observe = observe
        self._partition_of: dict[str, int] = {}
        self._owned: frozenset[int] = frozenset()

    def handle(self, batch: Sequence[Taken]) -> None:
        """Score one batch, all its readings at once."""
        readings: list[Reading] = []
        events: list[DeviceEvent] = []
        strangers: dict[str, datetime] = {}
        for record, message in batch:
            if isinstance(message, Reading):
                readings.append(message)
                if message.device_id not in self._partition_of:
                    strangers[message.device_id] = message.timestamp
                self._partition_of[message.device_id] = record.partition
            else:
                events.append(message)  # type: ignore[arg-type]  # the other topic holds events only
        if self._warm_up is not None:
            self._recall(self._warm_up, strangers)
        self._scorer.note(events)
        began = self._clock.monotonic()
        insights = self._scorer.score(readings, self._clock.now())
        if readings:
            self._timed(self._clock.monotonic() - began)
        for insight in insights:
            self._sink.put(INSIGHTS, insight.device_id, encode(insight))
        if self._scorer.champion is not None:
            horizon = self._scorer.champion.card.horizon_hours
            self._settled(self._truth.update(insights, events, horizon_hours=horizon))
        now = self._clock.now().timestamp()
        for reading in readings:
            self._observe(max(now - reading.timestamp.timestamp(), 0.0))

    def promote(self, champion: Champion) -> None:
        """Score with another model from now on."""
        kept = self._scorer.promote(champion)
        if not kept:
            self._partition_of.clear()  # the past that it looks at is asked for anew
        log.info("new champion", version=champion.card.version, history_kept=kept)

    def _recall(self, warm_up: WarmUp, strangers: Mapping[str, datetime]) -> None:
        """Take in the past of machines that are new here, and whatever else has come of the past by now."""
        if strangers:
            warm_up.ask(strangers, self._scorer.window.spec)
        for past in warm_up.nearest() if strangers else warm_up.come():
            if past.device_id in self._partition_of:
                self._scorer.recall(past)

    def assigned(self, partitions: Partitions) -> None:
        """Let go of the devices of partitions that went elsewhere; a rebalance may leave none for a moment."""
        owned = frozenset(partition for topic, partition in partitions if topic == READINGS)
        if not owned or owned == self._owned:
            return
        lost = self._owned - owned
        self._owned = owned
        gone = [device_id for device_id, partition in self._partition_of.items() if partition in lost]
        for device_id in gone:
            del self._partition_of[device_id]
        self._scorer.forget(gone)
        self._truth.forget(gone)
        log.info("partitions assigned", partitions=len(owned), devices_let_go=len(gone))


def main(env: Mapping[str, str]) -> None:
    """Score what comes until told to stop; a batch is committed when its insights are acknowledged, and not before."""
    common, kafka, mongo, site, settings, disk = read_all(
        env, ServiceSettings, KafkaSettings, MongoSettings, PlantSettings, MlSettings, DiskSettings
    )
    plant = load_plant(site.file, devices=site.devices)
    with ExitStack() as stack:
        service = stack.enter_context(running(NAME, common))
        warm_up = stack.enter_context(warming_up(mongo, settings, service.registry))
        bus = open_bus(kafka, NAME, health=service.health)
        sink = stack.enter_context(closing(bus.sink(stop=service.stop)))
        source = stack.enter_context(closing(bus.source(NAME, TAKES)))
        stage = Stage(NAME, service.registry, takes=TAKES, puts=[INSIGHTS, DEAD_LETTERS])
        counted = CountedSink(sink, stage)
        facts = ModelMetrics(service.registry)
        file = ChampionFile(
            settings.model_file, settings.key(), every_seconds=settings.check_seconds, clock=service.clock, facts=facts
        )
        entries = recommendation_rules(idle_minutes=settings.idle_minutes)
        scorer = Scorer(file.changed(), plant, entries, fault_codes=settings.fault_codes())
        if scorer.champion is None:
            log.warning(
                "there is no model yet: insights carry no probability until there is one", file=str(settings.model_file)
            )
        consumer = MlConsumer(
            scorer, counted, clock=service.clock, observe=stage.latency_observer(), warm_up=warm_up,
            truth=OutcomeMetrics(service.registry).add, timed=facts.scored,
        )  # fmt: skip

        def handle(batch: Sequence[Taken]) -> None:
            consumer.assigned(source.partitions())
            service.ready()  # it has its share of the machines; their past may take some seconds more
            consumer.handle(batch)

        room = RoomGuard(disk, clock=service.clock, registry=service.registry, health=service.health)
        while not service.stop.is_set():
            room.wait(service.stop)
            consume_once(
                source, counted, handle, stage=stage, clock=service.clock, limit=settings.batch, health=service.health
            )
            champion = file.changed()
            if champion is not None:
                consumer.promote(champion)
            if not service.is_ready() and source.partitions():
                service.ready()


if __name__ == "__main__":
    entry(main)
