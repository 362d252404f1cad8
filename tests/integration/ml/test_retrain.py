"""`python -m ml.retrain`: the service, and what is done by hand."""

import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.request import urlopen

import pytest

from energytrack.store import Store
from local.services.definition import HttpAnswers, ServiceDefinition
from ml.errors import ArtifactMismatch
from ml.models.artifact import seal, write
from ml.retrain import main
from testkit.builders.recordings import a_champion
from testkit.builders.retraining import KEY, ROOT
from testkit.patience import seconds_here
from testkit.stack.servers import eventually, site_in, started

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


class TestService:
    @pytest.fixture
    def env(self, mongo_uri: str, mongo_database: str, tmp_path: Path) -> Mapping[str, str]:
        return {
            "ENERGYTRACK_MONGO_URI": mongo_uri,
            "ENERGYTRACK_MONGO_DATABASE": mongo_database,
            "ENERGYTRACK_PLANT_FILE": str(ROOT / "plant.toml"),
            "ENERGYTRACK_ML_MODEL_FILE": str(tmp_path / "failure_model.pkl"),
            "ENERGYTRACK_ML_SIGNING_KEY": KEY,
        }

    def test_it_runs_what_was_missed_and_shows_what_came_of_it(
        self, env: Mapping[str, str], store: Store, tmp_path: Path
    ) -> None:
        """The first start retrains at once; with nothing stored the champion stays, and /metrics says so."""
        site = site_in(tmp_path)
        port = site.ports.retrain
        service = ServiceDefinition(
            name="retrain",
            purpose="under test",
            command=(sys.executable, "-m", "ml.retrain"),
            ready=HttpAnswers(f"http://127.0.0.1:{port}/healthz"),
            ports=("retrain",),
            env={**env, "ENERGYTRACK_METRICS_PORT": str(port)},
        )
        with started(service, site) as child:
            page = eventually(lambda: _page(port, 'retraining_runs_total{verdict="kept"} 1.0'), deadline=60)
            assert page is not None
            assert 'energytrack_retraining_reasons_total{why="no_history"} 1.0' in page
            assert "energytrack_retraining_last_success_timestamp_seconds" in page
            assert child.terminate() == 0
        assert [run.trigger for run in store.runs.recent(5)] == ["schedule"]

    def test_by_hand_it_says_what_came_of_it(
        self, env: Mapping[str, str], store: Store, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """`--now` and `list`."""
        main(env, ["--now"])
        assert "kept: no model is in use" in capsys.readouterr().out
        main(env, ["list"])
        assert "command" in capsys.readouterr().out

    def test_a_model_that_was_trained_by_hand_is_put_into_use(
        self, env: Mapping[str, str], store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """`adopt`, with the file that `ml.train_model` writes, or another."""
        champion = a_champion()
        card, artifact = seal(champion.model, champion.card, KEY)
        write(tmp_path / "failure_model.pkl", card, artifact)
        main(env, ["adopt"])
        assert f"promoted: {card.version} is in use" in capsys.readouterr().out
        in_use = store.models.in_use()
        assert in_use is not None
        assert in_use.version == card.version
        with pytest.raises(ArtifactMismatch):
            main(env, ["adopt", str(tmp_path / "nothing.pkl")])


def _page(port: int, wanted: str) -> str | None:
    with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=seconds_here(5)) as answer:
        page = str(answer.read().decode())
    return page if wanted in page else None
