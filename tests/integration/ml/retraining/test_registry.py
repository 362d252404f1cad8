"""Models that are kept in a real database, and the way back to them."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from energytrack.clock import ManualClock
from energytrack.store import Store
from energytrack.store.learning.models import ModelEntry
from ml.errors import ArtifactMismatch
from ml.models.artifact import seal, write
from ml.retraining.registry import NoSuchModel
from testkit.builders.recordings import a_champion
from testkit.builders.retraining import END, KEY, a_retrainer
from testkit.dates import MIDNIGHT, version

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def test_a_model_that_was_tampered_with_is_refused_unopened_and_the_one_in_use_stays(
    filed: Store, tmp_path: Path
) -> None:
    """Whoever may write to the database cannot run code here: checksum and signature come before the pickle."""
    retrainer = a_retrainer(filed, tmp_path)
    run = retrainer.run("hand")
    assert run.version is not None
    entry = filed.models.get(run.version)
    assert entry is not None
    evil = f"import pathlib; pathlib.Path({str(tmp_path / 'opened')!r}).touch()"
    artifact = b"cbuiltins\nexec\n(V" + evil.encode() + b"\ntR."
    filed.models.put(ModelEntry("foreign", END, entry.card, entry.sha256), artifact)
    with pytest.raises(ArtifactMismatch) as caught:
        retrainer.roll_back("foreign")
    assert caught.value.reason == "checksum"
    with pytest.raises(ArtifactMismatch) as caught:
        a_retrainer(filed, tmp_path / "other", key="another key").roll_back(run.version)
    assert caught.value.reason == "signature"
    assert not (tmp_path / "opened").exists()
    assert retrainer.registry.version() == run.version
    with pytest.raises(NoSuchModel):
        retrainer.roll_back(version(MIDNIGHT - timedelta(days=1), "000000"))


class TestSettling:
    """What lies beside the registry, and what becomes of it."""

    def a_file(self, folder: Path, *, at: datetime = END, threshold: float = 0.7) -> str:
        """A model that was trained by hand; returns its version."""
        champion = a_champion(created_at=at, threshold=threshold)
        card, artifact = seal(champion.model, champion.card, KEY)
        write(folder / "failure_model.pkl", card, artifact)
        return card.version

    def test_the_first_model_is_the_one_of_the_file(self, store: Store, tmp_path: Path) -> None:
        """As releases up to 0.1.0 kept it."""
        registry = a_retrainer(store, tmp_path).registry
        assert registry.settle() is None
        version = self.a_file(tmp_path)
        registry.settle_once()
        assert registry.version() == version
        assert [entry.version for entry in registry.kept()] == [version]

    def test_one_that_is_trained_by_hand_takes_the_place_of_an_older_decision(
        self, store: Store, tmp_path: Path
    ) -> None:
        """A copy of a registered model does not, however new it is: a rollback lasts."""
        clock = ManualClock(END)
        registry = a_retrainer(store, tmp_path, clock=clock).registry
        first = self.a_file(tmp_path)
        registry.settle_once()
        clock.advance(60)
        second = self.a_file(tmp_path, at=END + timedelta(seconds=30), threshold=0.5)
        registry.settle_once()
        assert registry.version() == second
        clock.advance(60)
        registry.roll_back()
        registry.settle_once()
        assert registry.version() == first
        self.a_file(tmp_path, at=END, threshold=0.3)
        registry.settle_once()
        assert registry.version() == first

    def test_where_the_file_is_gone_the_last_run_tells(self, store: Store, tmp_path: Path) -> None:
        """0.1.0 on Kubernetes had it on a volume that nobody mounts any more."""
        version = self.a_file(tmp_path / "old")
        a_retrainer(store, tmp_path / "old").adopt(tmp_path / "old" / "failure_model.pkl")
        store.link.collection(store.models.in_use_name).drop()
        settled = a_retrainer(store, tmp_path / "new").registry.settle()
        assert settled is not None
        assert settled.card.version == version == a_retrainer(store, tmp_path).registry.version()

    def test_a_model_that_this_release_refuses_gives_way_to_the_file(self, store: Store, tmp_path: Path) -> None:
        """Where there is one; without it, the next run judges challengers without a champion."""
        store.models.use("lost", now=END)
        retrainer = a_retrainer(store, tmp_path)
        with pytest.raises(NoSuchModel):
            retrainer.registry.settle()
        retrainer.registry.settle_once()
        assert retrainer.run("hand").before is None
        version = self.a_file(tmp_path, at=END - timedelta(days=1))
        retrainer.registry.settle_once()
        assert retrainer.registry.version() == version

    def test_a_file_that_is_refused_is_not_put_into_use(self, store: Store, tmp_path: Path) -> None:
        """Nothing is registered either."""
        self.a_file(tmp_path)
        registry = a_retrainer(store, tmp_path, key="another key").registry
        registry.settle_once()
        assert (registry.version(), registry.kept()) == (None, ())


def test_old_models_are_let_go_but_never_the_one_in_use(filed: Store, tmp_path: Path) -> None:
    """So many are kept as the setting says."""
    clock = ManualClock(END)
    retrainer = a_retrainer(filed, tmp_path, clock=clock, keep=2)
    retrainer.run("hand")
    champion = retrainer.registry.champion()
    assert champion is not None
    for _ in range(3):
        clock.advance(60)
        retrainer.registry.promote(champion.model, replace(champion.card, created_at=clock.now()))
    versions = [entry.version for entry in retrainer.registry.kept()]
    assert len(versions) == 2
    assert retrainer.registry.version() == versions[0]
