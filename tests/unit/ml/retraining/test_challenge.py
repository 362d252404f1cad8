"""Challengers on a plant's own past: what is compared, on which rows, and when nothing is read at all."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest
from ml.datasets.tabulate import tabulate
from ml.models.card import Champion, encode_card
from msgspec import UNSET
from msgspec.structs import replace as changed

from energytrack.store.telemetry.readings import Means
from ml.datasets.stored_history import look_back, spec_for, tables
from ml.measures.drift import reference
from ml.models.artifact import check, seal
from ml.models.estimators import Model
from ml.retraining.challenge import NEWEST_SHARE, ChallengeResult, challenge
from ml.retraining.drift_watch import look
from ml.retraining.gate import GateTerms
from testkit.ml_builders import START, Hot, a_champion, a_worn_recording
from testkit.retrain_builders import END, PAST, SMALL, a_history


@pytest.fixture(scope="module")
def first() -> ChallengeResult:
    """The first model of a plant."""
    return challenge(a_history(), None, SMALL, now=END)


@pytest.fixture(scope="module")
def champion(first: ChallengeResult) -> Champion:
    assert first.trained is not None
    assert first.card is not None
    card, artifact = seal(first.trained.model, first.card, None)
    return check(encode_card(card), artifact, None, name="champion")


def test_where_too_little_has_failed_nothing_is_read() -> None:
    """Ninety days of readings are not worth reading for a gate that cannot open."""

    def read(device_ids: Iterable[str], since: datetime, until: datetime) -> Iterator[Means]:
        raise AssertionError("read")

    early = tuple(event for event in PAST.events if event.timestamp < START + timedelta(hours=300))
    found = challenge(a_history(events=early, read=read), None, SMALL, now=END)
    assert [reason.why for reason in found.decision.reasons] == ["too_few_events"]
    assert found.decision.promoted is None


def test_every_kind_of_model_competes_and_the_best_is_let_in(first: ChallengeResult) -> None:
    """Under the same gate, on the same failures."""
    decision = first.decision
    assert [challenger.name for challenger in decision.challengers] == ["random forest", "gradient boosting"]
    assert len({challenger.alarms.events for challenger in decision.challengers}) == 1
    assert decision.promoted in {"random forest", "gradient boosting"}
    assert first.card is not None
    assert first.card.kind.replace("_", " ") == decision.promoted


def test_the_champion_is_asked_about_the_same_rows(champion: Champion) -> None:
    """So the same model again is no better than itself."""
    stranger = Champion(
        changed(champion.card, trained_on=changed(champion.card.trained_on, name="another plant")), champion.model
    )
    found = challenge(a_history(), stranger, SMALL, now=END)
    assert found.decision.champion is not None
    twin = next(c for c in found.decision.challengers if c.name == champion.card.kind.replace("_", " "))
    assert found.decision.champion.alarms == twin.alarms
    assert found.decision.promoted is None
    assert {reason.why for reason in found.decision.reasons} <= {"no_better", "fewer_caught", "later"}


def test_what_the_champion_was_made_of_is_left_out_of_the_comparison(champion: Champion) -> None:
    """It would look better than it is on rows that it knows."""
    knows = Champion(changed(champion.card, seen_until=END - timedelta(hours=30)), champion.model)
    found = challenge(a_history(), knows, SMALL, now=END)
    assert found.decision.events < SMALL.terms.least_events
    assert {reason.why for reason in found.decision.reasons} == {"too_few_events"}
    far_ahead = GateTerms(false_alarms=4.0, least_events=1)
    assert far_ahead.least_events <= found.decision.events


def test_the_table_is_the_same_however_many_machines_are_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory is bounded by reading some machines at a time, and nothing but memory depends on it."""
    history = a_history()
    spec, interval = spec_for(history)
    whole, _ = tables(history, spec, interval=interval, rows=10**9)
    monkeypatch.setattr("ml.datasets.stored_history.TOGETHER", 3)
    parts, _ = tables(history, spec, interval=interval, rows=10**9)
    first, second = (np.lexsort((table.at_ms, table.device)) for table in (whole, parts))
    for column in ("device", "at_ms", "features", "label"):
        np.testing.assert_array_equal(getattr(whole, column)[first], getattr(parts, column)[second])
    for table in (whole, parts):
        told = table.events[table.event[table.event >= 0]]
        assert (told[:, 0] == table.device[table.event >= 0]).all()
    assert len(whole.events) == len(parts.events)


def test_a_champion_needs_to_look_back_only_as_far_as_its_features_do() -> None:
    """What it sees of the newest block is what it would see with all of the past."""
    recording = a_worn_recording(devices=3, hours=480, seed=4)
    history = a_history(recording, events=recording.events)
    spec, interval = spec_for(history)
    narrow = changed(spec, windows=(2, 4, 8), baseline_blocks=5)
    since = history.lately(NEWEST_SHARE)
    reach = look_back(narrow)
    assert reach is not None
    assert since - reach > START
    _, seen = tables(history, spec, interval=interval, rows=10**9, champion=narrow, champion_since=since)
    whole = tabulate(recording, narrow)
    late = whole.where(whole.at_ms >= since.timestamp() * 1000)
    assert seen is not None
    np.testing.assert_array_equal(seen.at_ms, late.at_ms)
    np.testing.assert_allclose(seen.features, late.features, rtol=1e-5, atol=1e-5)


@pytest.fixture(scope="module")
def hot() -> Champion:
    """A model that looks at every feature, and back for a day and a half; made of the first half of the past."""
    spec = changed(spec_for(a_history())[0], windows=(2, 4, 6), baseline_blocks=4)
    table = tabulate(PAST, spec)
    older = table.where(table.at_ms < START.timestamp() * 1000 + 240 * 3_600_000)
    probability = Hot().predict_proba(older.features)[:, 1]
    then = reference(older.features, spec.names, probability, machines=10)
    made = a_champion(spec=spec, features=spec.names, reference=then)
    return Champion(made.card, Model("random_forest", spec.names, Hot()))


class TestDrift:
    def test_a_plant_that_stays_as_it_was_does_not_drift(self, hot: Champion) -> None:
        """Some machines' last day against what the model was made of."""
        drift = look(a_history(), hot, machines=10, rng=np.random.default_rng(1))
        assert drift is not None
        assert drift.share < 0.1
        assert drift.probability < 0.1
        assert drift.machines == 10

    def test_sensors_that_were_exchanged_are_drift_and_are_named(self, hot: Champion) -> None:
        """All of them at once."""
        moved = replace(
            PAST, values={name: column + 10.0 * (name != "current") for name, column in PAST.values.items()}
        )
        drift = look(a_history(moved), hot, machines=10, rng=np.random.default_rng(1))
        assert drift is not None
        assert {name.split("_")[0] for name, _ in drift.worst(8)} == {"pressure", "temperature"}
        assert drift.worst(1)[0][1] > 1.0
        assert drift.probability > 0.25

    def test_machines_are_drawn_by_chance_and_no_more_than_asked(self, hot: Champion) -> None:
        """So that looking costs the same in any plant."""
        drift = look(a_history(), hot, machines=4, rng=np.random.default_rng(1))
        assert drift is not None
        assert drift.machines == 4

    def test_without_a_reference_or_enough_history_nothing_is_said(self, hot: Champion) -> None:
        """Rather than something wrong."""
        rng = np.random.default_rng(1)
        assert look(a_history(since=END - timedelta(hours=30)), hot, machines=5, rng=rng) is None
        bare = Champion(changed(hot.card, reference=UNSET), hot.model)
        assert look(a_history(), bare, machines=5, rng=rng) is None
