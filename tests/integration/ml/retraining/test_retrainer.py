"""Runs of retraining on a real database, from the lease to the record."""

from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from energytrack.clock import ManualClock
from energytrack.store import Store
from ml.retraining.retrainer import Busy
from testkit.builders.retraining import END, a_retrainer

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def test_a_model_is_trained_promoted_kept_and_taken_back(filed: Store, tmp_path: Path) -> None:
    """The life of a model: the first is good enough, the second no better, and the way back is one step."""
    clock = ManualClock(END)
    retrainer = a_retrainer(filed, tmp_path, clock=clock)
    first = retrainer.run("hand")
    assert (first.verdict, first.before) == ("promoted", None), first.reasons
    assert first.events >= 10
    in_use = retrainer.registry.champion()
    assert in_use is not None
    assert in_use.card.version == first.version
    assert first.version is not None
    kept = filed.models.get(first.version)
    assert kept is not None
    assert kept.sha256 == in_use.card.sha256

    second = retrainer.run("schedule")
    assert (second.verdict, second.version, second.before) == ("kept", first.version, first.version)
    assert {reason.why for reason in second.reasons} == {"no_better"}
    assert filed.runs.recent(5) == (second, first)

    clock.advance(60)
    again = retrainer.registry.promote(in_use.model, replace(in_use.card, created_at=clock.now()))
    assert retrainer.registry.version() == again.version != first.version
    back = retrainer.roll_back()
    assert (back.verdict, back.version, back.before) == ("rolled_back", first.version, again.version)
    assert retrainer.registry.version() == first.version
    forth = retrainer.roll_back(again.version)
    assert forth.version == retrainer.registry.version() == again.version


def test_with_too_little_history_the_champion_stays_and_the_record_says_why(store: Store, tmp_path: Path) -> None:
    """A new plant has nothing to learn from, and that is no failure."""
    retrainer = a_retrainer(store, tmp_path)
    empty = retrainer.run("schedule")
    assert (empty.verdict, [reason.about for reason in empty.reasons]) == ("kept", ["challengers"])
    assert empty.reasons[0].why == "no_history"


def test_one_run_at_a_time(store: Store, tmp_path: Path) -> None:
    """The second process is refused, until the lease of the first, which has died, is over."""
    clock = ManualClock(END)
    retrainer = a_retrainer(store, tmp_path, clock=clock)
    assert store.runs.take("somebody", now=clock.now(), lasts=timedelta(seconds=90))
    with pytest.raises(Busy):
        retrainer.run("hand")
    clock.advance(100)
    assert retrainer.run("hand").verdict == "kept"
