"""The composition root of scoring: `python -m ml.ml_consumer` uses Kafka, tests a bus in memory."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import structlog
from prometheus_client import CollectorRegistry

from energytrack.bus import Sink, Source
from energytrack.clock import Clock
from energytrack.consume import Taken, consume_once
from energytrack.decoding.clocks import parsers
from energytrack.decoding.decoded import Parser
from energytrack.plant import Plant
from energytrack.running.health import Health
from energytrack.telemetry import CountedSink, Stage
from energytrack.topics import DEAD_LETTERS, EVENTS, INSIGHTS, READINGS
from ml.models.champion_file import ChampionFile
from ml.models.metrics import ModelMetrics
from ml.recommendations.rules import recommendation_rules
from ml.scoring.consumer import MlConsumer
from ml.scoring.outcome_metrics import OutcomeMetrics
from ml.scoring.scorer import Scorer
from ml.scoring.warm_up import WarmUp
from ml.settings import MlSettings

log = structlog.get_logger(__name__)

NAME: Final = "ml-consumer"
TAKES: Final = (READINGS, EVENTS)


@dataclass(frozen=True, eq=False)
class ScoringService:
    """The consumer between its topics, and its champion."""

    consumer: MlConsumer
    scorer: Scorer
    champion_file: ChampionFile
    source: Source
    sink: Sink
    stage: Stage
    clock: Clock
    limit: int
    """Maximum number of messages in a batch."""
    parsers: Mapping[str, Parser]
    """Corrections of machines' clocks from the plant file."""
    health: Health | None = None

    def poll(self, assigned: Callable[[], None] = lambda: None) -> int:
        """Process one batch, from taking to committing, then load a new champion, if any; returns how many records.

        `assigned` is called when this consumer has its partitions.
        """

        def handle(batch: Sequence[Taken]) -> None:
            self.consumer.assigned(self.source.partitions())
            assigned()  # before the batch: the machines' history may need some seconds
            self.consumer.handle(batch)

        taken = consume_once(
            self.source, self.sink, handle, stage=self.stage, clock=self.clock, limit=self.limit,
            parsers=self.parsers, health=self.health,
        )  # fmt: skip
        champion = self.champion_file.changed()
        if champion is not None:
            self.consumer.promote(champion)
        if self.source.partitions():
            assigned()
        return taken


def build(
    settings: MlSettings,
    plant: Plant,
    source: Source,
    sink: Sink,
    *,
    registry: CollectorRegistry,
    clock: Clock,
    metrics: ModelMetrics | None = None,
    warm_up: WarmUp | None = None,
    health: Health | None = None,
) -> ScoringService:
    """Create everything between a source of readings and events and a sink of insights; connects and starts nothing."""
    stage = Stage(NAME, registry, takes=TAKES, puts=[INSIGHTS, DEAD_LETTERS])
    counted = CountedSink(sink, stage)
    metrics = metrics or ModelMetrics(registry)
    file = ChampionFile(
        settings.model_file, settings.key(), every_seconds=settings.check_seconds, clock=clock, metrics=metrics
    )
    scorer = Scorer(
        file.changed(),
        plant,
        recommendation_rules(idle_minutes=settings.idle_minutes),
        fault_codes=settings.fault_codes(),
    )
    if scorer.champion is None:
        log.warning(
            "no model yet; insights carry no failure probability until there is one", file=str(settings.model_file)
        )
    consumer = MlConsumer(
        scorer, counted, clock=clock, took=stage.took, warm_up=warm_up,
        truth=OutcomeMetrics(registry).add, timed=metrics.scored,
    )  # fmt: skip
    return ScoringService(consumer, scorer, file, source, counted, stage, clock, settings.batch, parsers(plant), health)
