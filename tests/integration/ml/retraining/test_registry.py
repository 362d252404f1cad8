"""Models that are kept in a real database, and the way back to them."""

from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from energytrack.clock import ManualClock
from energytrack.store import Store
from energytrack.store.learning.models import ModelEntry
from ml.errors import ArtifactMismatch
from ml.retraining.registry import NoSuchModel
from testkit.dates import MIDNIGHT, version
from testkit.retrain_builders import END, a_retrainer

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
