"""`python -m ml.train_model`, from the command line to the model file."""

from pathlib import Path

import pytest

from energytrack.events import Failure
from energytrack.recording import Recording, write_recording
from ml import train_model
from ml.errors import TooFewExamples
from ml.measures.cost import Prices
from ml.models.artifact import read

pytestmark = pytest.mark.slow


def test_the_whole_way_from_a_recording_to_a_champion(
    recording: Recording, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As the command runs it: the file can be loaded with the key, and the report stands beside the baselines."""
    write_recording(tmp_path / "history", recording)
    out = tmp_path / "models" / "failure_model.pkl"
    env = {"ENERGYTRACK_ML_SIGNING_KEY": "key", "ENERGYTRACK_ML_MODEL_FILE": str(out)}
    train_model.main(env, ["--recording", str(tmp_path / "history"), "--jobs", "1"])
    champion = read(out, "key")
    assert champion.card.horizon_hours == 24.0
    assert champion.card.trained_on.name == "made up"
    assert 0 < champion.card.threshold < 1
    pr_auc = champion.card.scores["pr_auc"]
    assert pr_auc is not None
    assert pr_auc > 0.8
    printed = capsys.readouterr().out
    for word in ("random forest", "threshold rule", "prevalence", "machine 1/3", champion.card.version):
        assert word in printed


def test_the_plant_file_tells_what_wrong_alarms_cost(
    recording: Recording, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With an inspection that has its price; without a plant file nobody said it."""
    seen: list[Prices | None] = []

    def train_on(*_: object, prices: Prices | None, **__: object) -> None:
        seen.append(prices)
        raise TooFewExamples("test")

    monkeypatch.setattr(train_model, "train_on", train_on)
    write_recording(tmp_path, recording)
    plant = tmp_path / "plant.toml"
    text = Path("plant.toml").read_text(encoding="utf-8")
    plant.write_text(text.replace("[costs.stop]\n", "[costs.stop]\nfalse_alarm = 45.0\n"), encoding="utf-8")
    for given in ([], ["--plant", str(plant)]):
        with pytest.raises(TooFewExamples):
            train_model.main({}, ["--recording", str(tmp_path), *given])
    unpriced, priced = seen
    assert unpriced is None
    assert priced is not None
    components = priced("press-0001", "press")
    assert components is not None
    assert components.false_alarm == 45.0


def test_the_plant_file_names_components(recording: Recording, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a recording that does not tell them."""
    seen: list[Recording] = []

    def train_on(recording: Recording, *_: object, **__: object) -> None:
        seen.append(recording)
        raise TooFewExamples("test")

    monkeypatch.setattr(train_model, "train_on", train_on)
    write_recording(tmp_path, recording)
    for given in ([], ["--plant", "plant.toml"]):
        with pytest.raises(TooFewExamples):
            train_model.main({}, ["--recording", str(tmp_path), *given])
    components = [{event.component for event in each.events if isinstance(event, Failure)} for each in seen]
    assert components == [{None}, {"bearing"}]
