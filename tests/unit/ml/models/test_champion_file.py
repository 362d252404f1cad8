"""The model file that is in use."""

from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from energytrack.clock import ManualClock
from ml.models.artifact import card_file, seal, write
from ml.models.champion_file import ChampionFile
from ml.models.metrics import ModelMetrics
from testkit.builders.messages import NOW
from testkit.builders.recordings import a_champion


def a_file(folder: Path, clock: ManualClock, registry: CollectorRegistry, key: str | None = None) -> ChampionFile:
    return ChampionFile(
        folder / "failure_model.pkl", key, every_seconds=2.0, clock=clock, metrics=ModelMetrics(registry)
    )


def save(folder: Path, threshold: float = 0.7) -> None:
    champion = a_champion(threshold=threshold)
    write(folder / "failure_model.pkl", *seal(champion.model, champion.card, None))


def test_a_new_champion_is_noticed_and_an_old_one_is_not_read_twice(tmp_path: Path) -> None:
    """The disk is asked every two seconds at most."""
    clock, registry = ManualClock(NOW), CollectorRegistry()
    file = a_file(tmp_path, clock, registry)
    assert file.changed() is None
    save(tmp_path)
    assert file.changed() is None
    clock.advance(2.0)
    assert file.changed() is not None
    clock.advance(2.0)
    assert file.changed() is None
    save(tmp_path, threshold=0.5)
    clock.advance(2.0)
    champion = file.changed()
    assert champion is not None
    assert champion.card.threshold == 0.5
    version = {"version": champion.card.version, "kind": "random_forest"}
    assert registry.get_sample_value("energytrack_model_info", version) == 1
    assert registry.get_sample_value("energytrack_model_score", {"score": "pr_auc"}) == 0.8
    assert registry.get_sample_value("energytrack_model_score", {"score": "event_recall"}) is None


@pytest.mark.parametrize("reason", ["checksum", "unsigned"])
def test_a_refused_model_is_counted_and_the_old_one_stays(tmp_path: Path, reason: str) -> None:
    """The consumer goes on scoring with what it has."""
    clock, registry = ManualClock(NOW), CollectorRegistry()
    save(tmp_path)
    if reason == "checksum":
        (tmp_path / "failure_model.pkl").write_bytes(b"something else")
    file = a_file(tmp_path, clock, registry, key="a key" if reason == "unsigned" else None)
    assert file.changed() is None
    assert registry.get_sample_value("energytrack_model_refused_total", {"reason": reason}) == 1
    assert card_file(tmp_path / "failure_model.pkl").exists()
