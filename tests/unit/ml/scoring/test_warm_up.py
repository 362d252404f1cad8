import threading
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from prometheus_client import CollectorRegistry

from energytrack.errors import StoreUnavailable
from energytrack.events import DeviceEvent
from energytrack.machines.state import MachineState
from energytrack.messages import Insight, Reading
from energytrack.plant import load_plant
from energytrack.settings import MongoSettings
from energytrack.store import Store
from energytrack.store.telemetry.readings import Means
from ml.arrays import Floats, Integers
from ml.features.device_rows import Nameplate
from ml.features.spec import FeatureSpec
from ml.features.window import Window
from ml.recommendations.rules import INSPECT, SHUTDOWN, recommendation_rules
from ml.scoring.scorer import Scorer
from ml.scoring.warm_up import DeviceHistory, HistoryRequest, ReadHistory, WarmUp, read_history, warming_up
from ml.settings import MlSettings
from testkit.builders.messages import NOW, a_reading, an_event, an_insight
from testkit.builders.recordings import a_champion, a_spec
from testkit.dates import MIDNIGHT
from testkit.patience import seconds_here
from testkit.stack.servers import eventually

PLANT = load_plant(Path(__file__).parents[4] / "plant.toml")
MINUTE = timedelta(minutes=1)


def past_of(question: HistoryRequest, *, temperature: float = 80.0, **fields: object) -> DeviceHistory:
    """A reading in every minute of what was asked for."""
    minutes = round((question.until - question.since) / MINUTE)
    at_ms = np.array([round((question.since + (m + 1) * MINUTE).timestamp() * 1000) for m in range(minutes)])
    means = np.tile([temperature, 5.3, 12.4], (minutes, 1))
    return DeviceHistory(question.device_id, question.until, question.spec, at_ms, means, **fields)  # type: ignore[arg-type]


@contextmanager
def warm_up(
    read: ReadHistory, *, patience: float = 5.0, hours: float = 3.0
) -> Iterator[tuple[WarmUp, CollectorRegistry]]:
    registry = CollectorRegistry()
    with closing(WarmUp(read, hours=hours, patience=patience, registry=registry)) as asking:
        yield asking, registry


def outcome(registry: CollectorRegistry, name: str) -> float | None:
    return registry.get_sample_value("energytrack_model_warm_ups_total", {"outcome": name})


def test_what_is_nearest_comes_first() -> None:
    """Ten minutes of every machine, with its events; then the rest of the three hours."""
    asked: list[HistoryRequest] = []

    def read(question: HistoryRequest) -> DeviceHistory:
        asked.append(question)
        return past_of(question)

    seen = NOW + timedelta(seconds=42)
    with warm_up(read) as (asking, registry):
        asking.ask({"cnc-0001": seen, "cnc-0002": seen}, a_spec())
        assert {past.device_id for past in asking.nearest()} >= {"cnc-0001", "cnc-0002"}
        eventually(lambda: len(asked) == 4)
    assert [(q.device_id, q.first) for q in asked] == [
        ("cnc-0001", True), ("cnc-0002", True), ("cnc-0001", False), ("cnc-0002", False),
    ]  # fmt: skip
    assert [(NOW - q.since, NOW - q.until) for q in asked[::2]] == [
        (10 * MINUTE, 0 * MINUTE), (180 * MINUTE, 10 * MINUTE),
    ]  # fmt: skip
    assert outcome(registry, "recalled") == 2


def test_a_slow_store_is_waited_for_once() -> None:
    """Scoring goes on, and what comes late is taken in late."""
    go = threading.Event()

    def read(question: HistoryRequest) -> DeviceHistory:
        go.wait(seconds_here(10))
        return past_of(question)

    with warm_up(read, patience=0.01) as (asking, _):
        asking.ask({"cnc-0001": NOW}, a_spec())
        assert list(asking.nearest()) == []
        asking.ask({"cnc-0002": NOW}, a_spec())
        assert list(asking.nearest()) == []
        go.set()
        came: list[DeviceHistory] = []

        def all_there() -> bool:
            came.extend(asking.come())
            return len(came) == 4

        eventually(all_there)


def test_a_store_that_is_away_is_asked_no_further() -> None:
    """Each question would hold up the next; the machines warm up from the stream."""
    asked: list[HistoryRequest] = []
    all_asked = threading.Event()

    def read(question: HistoryRequest) -> DeviceHistory:
        all_asked.wait(seconds_here(10))
        asked.append(question)
        raise StoreUnavailable("nowhere", "nobody answers")

    with warm_up(read) as (asking, registry):
        asking.ask({f"cnc-{i:04d}": NOW for i in range(50)}, a_spec())
        all_asked.set()
        assert list(asking.nearest()) == []
        assert len(asked) == 1
        assert outcome(registry, "failed") == 50


def test_a_machine_without_a_past_is_counted_as_such() -> None:
    def read(question: HistoryRequest) -> DeviceHistory:
        return DeviceHistory(question.device_id, NOW, question.spec, np.zeros(0, dtype=np.int64), np.zeros((0, 3)))

    with warm_up(read) as (asking, registry):
        asking.ask({"cnc-0001": NOW}, a_spec())
        assert all(len(past.at_ms) == 0 for past in asking.nearest())
        assert outcome(registry, "nothing") == 1


def question(spec: FeatureSpec | None = None, *, minutes: int = 30) -> HistoryRequest:
    return HistoryRequest("cnc-0007", NOW - minutes * MINUTE, NOW, spec or a_spec(), first=True)


class PastStandIn:
    """A store with the events of one machine."""

    def __init__(self, *events: DeviceEvent) -> None:
        self.readings = self.events = self.devices = self
        self._events = events

    def means(self, *_: object, **__: object) -> tuple[Means, ...]:
        return ()

    def of_device(
        self, device_id: str, *, since: datetime, until: datetime, kinds: Collection[str]
    ) -> tuple[DeviceEvent, ...]:
        return tuple(
            each for each in self._events if since <= each.timestamp < until and each.__struct_config__.tag in kinds
        )

    def get(self, device_id: str) -> None:
        return None


def test_events_that_the_consumer_before_took_are_recalled() -> None:
    """Also of the bucket in which the first reading here lies, whose readings come with the stream."""
    repaired = an_event("maintenance_done", timestamp=NOW + MINUTE / 2)
    later = an_event("fault_code", timestamp=NOW + MINUTE)
    past = read_history(cast(Store, PastStandIn(repaired, later)), question())
    assert past.events == (repaired,)


def test_repairs_are_recalled_as_far_back_as_training_sees_them() -> None:
    """Half a year; of fault codes, which may be many, sixty days."""
    repaired = an_event("maintenance_done", timestamp=NOW - timedelta(days=179))
    failed = an_event("failure", timestamp=NOW - timedelta(days=100))
    codes = [an_event("fault_code", timestamp=NOW - timedelta(days=days)) for days in (61, 59)]
    past = read_history(cast(Store, PastStandIn(repaired, failed, *codes)), question())
    assert past.events == (repaired, failed, codes[1])


def test_fault_codes_are_recalled_as_far_back_as_the_model_counts_them() -> None:
    """Seven horizons of ten days, say."""
    old = an_event("fault_code", timestamp=NOW - timedelta(days=69))
    assert read_history(cast(Store, PastStandIn(old)), question()).events == ()
    long = a_spec(repair_hours=(240.0, 1680.0))
    assert read_history(cast(Store, PastStandIn(old)), question(long)).events == (old,)


def first_insight(past: DeviceHistory, **fields: Any) -> Insight:
    """What is said of a machine at its first reading here."""
    scorer = Scorer(a_champion(), PLANT, recommendation_rules())
    scorer.recall(past)
    (insight,) = scorer.score([a_reading(timestamp=NOW + MINUTE / 2, **fields)], NOW)
    return insight


def test_a_machine_with_a_past_has_a_probability_at_once() -> None:
    assert first_insight(past_of(question())).failure_probability == 0.8


def test_open_recommendations_go_on_where_the_machine_is_watched_now() -> None:
    """Without a break, so that nobody counts them twice."""
    recommended = (*(r for r in (a.recommendation() for a in recommendation_rules()) if r.code in {INSPECT, SHUTDOWN}),)
    idle = an_event("state_changed", state="idle", timestamp=NOW - timedelta(minutes=40))
    latest = MachineState("cnc-0007", insight=an_insight(recommendations=recommended), change=idle)  # type: ignore[arg-type]
    insight = first_insight(past_of(question(), latest=latest), state="idle")
    assert [r.code for r in insight.recommendations] == [INSPECT, SHUTDOWN]


@pytest.mark.parametrize("age", [timedelta(hours=1), timedelta(days=3)])
def test_recommendations_of_long_ago_are_not_open(age: timedelta) -> None:
    recommended = (recommendation_rules()[0].recommendation(),)
    latest = MachineState("cnc-0007", insight=an_insight(timestamp=NOW - age, recommendations=recommended))
    assert first_insight(past_of(question(), temperature=60.0, latest=latest)).recommendations == ()


def test_the_past_of_another_kind_of_buckets_is_not_mixed_in() -> None:
    """It was asked for a model that is no longer in use."""
    past = past_of(question(a_spec(bucket_seconds=1.0)))
    assert first_insight(past).failure_probability is None


def test_a_recalled_past_makes_the_features_that_a_lived_one_makes() -> None:
    """To the last digit that counts, for the baseline too; and what comes late changes what is seen no less."""
    spec = a_spec(windows=(5, 15, 60), baseline_blocks=6)
    minutes = 400
    rng = np.random.default_rng(1)
    start = MIDNIGHT
    at_ms = np.array([round((start + m * MINUTE).timestamp() * 1000) for m in range(1, minutes + 1)])
    values = rng.normal(50.0, 3.0, (minutes, 3))
    values[50:60, 1] = np.nan
    lived = window(spec)
    add(lived, at_ms, values)
    recalled = window(spec)
    near, now = 380, 390
    recalled.recall(0, at_ms[near:now], values[near:now])
    add(recalled, at_ms[now:], values[now:])
    recalled.recall(0, at_ms[:near], values[:near])
    moment = at_ms[-1:] + 1
    np.testing.assert_allclose(
        recalled.look(np.array([0]), moment).features, lived.look(np.array([0]), moment).features, rtol=1e-4
    )


def window(spec: FeatureSpec) -> Window:
    made = Window(spec, devices=1)
    made.rows(["cnc-0007"], lambda _: Nameplate("cnc_machine", 3.0))
    return made


def add(to: Window, at_ms: Integers, values: Floats) -> None:
    for rows in to.rounds(at_ms):
        to.add(np.zeros(len(rows), dtype=np.int64), at_ms[rows], values[rows])


def test_readings_and_their_past_may_overlap() -> None:
    """A moment counts once."""
    scorer = Scorer(a_champion(), PLANT, recommendation_rules())
    readings: list[Reading] = [a_reading(timestamp=NOW + m * MINUTE, temperature=60.0) for m in range(-5, 1)]
    scorer.score(readings, NOW)
    scorer.recall(past_of(question()))
    (insight,) = scorer.score([a_reading(timestamp=NOW + MINUTE, temperature=60.0)], NOW)
    assert insight.failure_probability == 0.6


@pytest.mark.parametrize(
    ("mongo", "settings"),
    [
        (MongoSettings(), MlSettings(warm_up_hours=0)),
        (MongoSettings(index_readings=False), MlSettings()),
    ],
    ids=["nobody wants one", "each question would read the whole collection"],
)
def test_where_the_past_would_not_be_read_the_store_is_not_even_opened(
    mongo: MongoSettings, settings: MlSettings
) -> None:
    with warming_up(mongo, settings, CollectorRegistry()) as asking:
        assert asking is None
