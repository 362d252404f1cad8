import os
import pickle
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest
from msgspec.structs import replace

from ml.errors import ArtifactMismatch
from ml.models.artifact import card_file, read, seal, write
from ml.models.card import Card, TrainedOn, encode_card
from ml.models.estimators import Forests, Model
from ml.models.self_test import SelfTest
from testkit.builders.messages import NOW
from testkit.builders.recordings import START, a_spec
from testkit.dates import version

KEY = "a key of this site"


class Half:
    """The least that can be asked for probabilities."""

    def predict_proba(self, features: np.ndarray) -> np.ndarray:
        return np.full((len(features), 2), 0.5)


class Trap:
    """What an attacker would put in a pickle: opening it runs code."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return os.mkdir, (str(self.mark),)


def a_card() -> Card:
    return Card(
        version="",
        created_at=NOW,
        kind="random_forest",
        horizon_hours=24.0,
        threshold=0.4,
        spec=a_spec(),
        features=("temperature",),
        trained_on=TrainedOn("made up", 2, START, NOW, 100, 3),
        scores={"pr_auc": 0.8, "event_recall": None},
    )


def a_model_file(folder: Path, key: str | None = KEY) -> Path:
    file = folder / "failure_model.pkl"
    write(file, *seal(Model("random_forest", ("temperature", "codes_24h"), Half()), a_card(), key))
    return file


def change_card(file: Path, **fields: object) -> None:
    card = msgspec.json.decode(card_file(file).read_bytes(), type=Card)
    card_file(file).write_bytes(encode_card(replace(card, **fields)))


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    """With its card, completed."""
    champion = read(a_model_file(tmp_path), KEY)
    assert champion.model.features == champion.card.features == ("temperature", "codes_24h")
    assert champion.model.probabilities(np.zeros((3, 2), dtype=np.float32)).tolist() == [0.5, 0.5, 0.5]
    assert champion.card.version.startswith(version(NOW, ""))
    assert champion.card.scores == {"pr_auc": 0.8, "event_recall": None}


def test_the_version_follows_from_time_and_content(tmp_path: Path) -> None:
    """Sealing the same model at the same time twice gives the same version."""
    model = Model("random_forest", ("temperature",), Half())
    assert seal(model, a_card(), KEY) == seal(model, a_card(), KEY)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda file: file.unlink(), "missing"),
        (lambda file: card_file(file).unlink(), "missing"),
        (lambda file: card_file(file).write_text("{}"), "unreadable_card"),
        (lambda file: file.write_bytes(file.read_bytes() + b"."), "checksum"),
        (lambda file: change_card(file, signature=""), "unsigned"),
        (lambda file: change_card(file, threshold=0.99), "signature"),
        (lambda file: a_model_file(file.parent, key="another site's key"), "signature"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path: Path, spoil: Callable[[Path], object], reason: str) -> None:
    """Each mismatch has its name."""
    file = a_model_file(tmp_path)
    spoil(file)
    with pytest.raises(ArtifactMismatch) as refused:
        read(file, KEY)
    assert refused.value.reason == reason
    assert "not opened" in str(refused.value)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"features": ("phase_of_the_moon",)}, "features"),
        ({"features": ()}, "features"),
        ({"features_version": 0}, "features"),
        ({"libraries": {"scikit-learn": "0.1"}}, "version"),
    ],
)
def test_a_model_of_other_code_is_refused(tmp_path: Path, fields: dict[str, object], reason: str) -> None:
    """Also where nobody signs."""
    file = a_model_file(tmp_path, key=None)
    change_card(file, **fields)
    with pytest.raises(ArtifactMismatch) as refused:
        read(file, None)
    assert refused.value.reason == reason


@pytest.mark.parametrize("key", [None, KEY])
def test_a_foreign_pickle_is_never_opened(tmp_path: Path, key: str | None) -> None:
    """Its code does not run: the check comes before the opening."""
    file = a_model_file(tmp_path, key)
    mark = tmp_path / "it ran"
    file.write_bytes(pickle.dumps(Trap(mark)))
    with pytest.raises(ArtifactMismatch):
        read(file, key)
    assert not mark.exists()
    pickle.loads(file.read_bytes())  # noqa: S301  # the trap itself works
    assert mark.exists()


def test_a_forged_card_does_not_open_a_foreign_pickle(tmp_path: Path) -> None:
    """Whoever can write the folder but does not hold the key cannot run code here."""
    file = a_model_file(tmp_path)
    mark = tmp_path / "it ran"
    card, artifact = seal(Model("random_forest", ("temperature",), Trap(mark)), a_card(), "a key of the attacker's")  # type: ignore[arg-type]
    write(file, card, artifact)
    with pytest.raises(ArtifactMismatch, match="signature"):
        read(file, KEY)
    assert not mark.exists()


def test_a_card_outlives_what_later_versions_add_to_cards(tmp_path: Path) -> None:
    """The signature is that of the card as it lies there, whatever fields this version knows of."""
    file = a_model_file(tmp_path)
    raw = msgspec.json.decode(card_file(file).read_bytes(), type=dict[str, object])
    card_file(file).write_bytes(msgspec.json.format(msgspec.json.encode(dict(reversed(raw.items())))))
    assert read(file, KEY).card.threshold == 0.4


OLDER = {"scikit-learn": "0.1", "numpy": "0.1"}


def of_older_libraries(folder: Path, said: float) -> Path:
    """A model that was trained with other versions, and said this of the rows of its self-test."""
    rows = np.zeros((3, 2), dtype="<f4")
    card = replace(a_card(), libraries=OLDER, self_test=SelfTest(rows.tobytes(), (said,) * 3))
    file = folder / "failure_model.pkl"
    write(file, *seal(Model("random_forest", ("temperature", "codes_24h"), Half()), card, KEY))
    return file


def test_a_model_survives_a_release_of_its_libraries(tmp_path: Path) -> None:
    """If it still says what it said when it was trained."""
    assert read(of_older_libraries(tmp_path, 0.5), KEY).card.libraries == OLDER


def test_a_model_that_says_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArtifactMismatch, match=r"differ by 0\.1") as refused:
        read(of_older_libraries(tmp_path, 0.6), KEY)
    assert refused.value.reason == "version"


def test_a_model_of_version_0_1_still_opens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its pickle names its classes in `ml.models`, which was a module then."""
    package = sys.modules["ml.models"]
    monkeypatch.setattr(Forests, "__module__", "ml.models")
    monkeypatch.setattr(package, "Forests", Forests, raising=False)
    card, artifact = seal(Model("random_forest", ("temperature",), Forests([])), a_card(), None)
    write(tmp_path / "model.pkl", card, artifact)
    monkeypatch.undo()
    vars(package).pop("Forests", None)
    assert isinstance(read(tmp_path / "model.pkl", None).model.estimator, Forests)
