"""A consumer's copy of the model in use, on a real database."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
from prometheus_client import CollectorRegistry

from energytrack.clock import ManualClock
from energytrack.settings import MongoSettings
from energytrack.store import Store
from energytrack.store.learning.models import ModelEntry
from ml.models.artifact import _signature, card_file, read, seal, write
from ml.models.card import encode_card
from ml.models.champion_copy import REFUSED_SECONDS, ChampionCopy, keeping_a_copy
from ml.models.metrics import ModelMetrics
from ml.settings import MlSettings
from testkit.builders.messages import NOW
from testkit.builders.recordings import a_champion

pytestmark = [pytest.mark.slow, pytest.mark.timeout(60)]

KEY: Final = "a key of this site"


class CopyingConsumer:
    """One with a folder of its own."""

    def __init__(self, store: Store, folder: Path, clock: ManualClock) -> None:
        self.file = folder / "failure_model.pkl"
        self.metrics = CollectorRegistry()
        self.copy = ChampionCopy(store.models, self.file, KEY, clock=clock, metrics=ModelMetrics(self.metrics))

    def version(self) -> str:
        """Which model it has after it has asked; verified as it is before it scores."""
        self.copy.refresh()
        return read(self.file, KEY).card.version

    def refused(self, reason: str) -> float | None:
        return self.metrics.get_sample_value("energytrack_model_refused_total", {"reason": reason})


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def consumer(store: Store, tmp_path: Path, clock: ManualClock) -> CopyingConsumer:
    return CopyingConsumer(store, tmp_path / "one", clock)


def put(store: Store, *, threshold: float, key: str = KEY, artifact: bytes | None = None) -> str:
    """Register a model and put it into use; returns its version."""
    champion = a_champion(threshold=threshold)
    card, sealed = seal(champion.model, champion.card, key)
    entry = ModelEntry(card.version, card.created_at, encode_card(card).decode(), card.sha256)
    store.models.put(entry, sealed if artifact is None else artifact)
    store.models.use(card.version, now=NOW)
    return card.version


def test_consumers_follow_the_database_forth_and_back(store: Store, tmp_path: Path, clock: ManualClock) -> None:
    """Each has its own copy, and a rollback reaches all of them."""
    consumers = [CopyingConsumer(store, tmp_path / name, clock) for name in ("one", "two")]
    first = put(store, threshold=0.7)
    assert [consumer.version() for consumer in consumers] == [first, first]
    second = put(store, threshold=0.5)
    assert [consumer.version() for consumer in consumers] == [second, second]
    store.models.use(first, now=NOW)
    assert [consumer.version() for consumer in consumers] == [first, first]


@pytest.mark.parametrize("damaged", ["failure_model.pkl", "failure_model.json"])
def test_a_damaged_copy_is_fetched_again(store: Store, consumer: CopyingConsumer, damaged: str) -> None:
    """Whether the file or its card was damaged, or is gone."""
    version = put(store, threshold=0.7)
    consumer.version()
    (consumer.file.parent / damaged).write_bytes(b"something else")
    assert consumer.version() == version
    (consumer.file.parent / damaged).unlink()
    assert consumer.version() == version


def test_what_was_tampered_with_is_refused_unopened_and_the_copy_stays(
    store: Store, tmp_path: Path, consumer: CopyingConsumer, clock: ManualClock
) -> None:
    """Whoever may write to the database cannot run code here. It is tried again after a minute, not all the time."""
    good = put(store, threshold=0.7)
    assert consumer.version() == good
    evil = f"import pathlib; pathlib.Path({str(tmp_path / 'opened')!r}).touch()"
    bad = put(store, threshold=0.6, artifact=b"cbuiltins\nexec\n(V" + evil.encode() + b"\ntR.")
    assert consumer.version() == good
    assert consumer.version() == good
    assert consumer.refused("checksum") == 1
    clock.advance(REFUSED_SECONDS)
    assert consumer.version() == good
    assert consumer.refused("checksum") == 2
    store.models.drop([bad])
    mended = put(store, threshold=0.6)
    clock.advance(REFUSED_SECONDS)
    assert (mended, consumer.version()) == (bad, bad)
    put(store, threshold=0.4, key="another site's key")
    assert consumer.version() == mended
    assert consumer.refused("signature") == 1
    assert not (tmp_path / "opened").exists()


def test_a_model_without_its_file_or_card_leaves_the_copy(store: Store, consumer: CopyingConsumer) -> None:
    version = put(store, threshold=0.7)
    consumer.version()
    store.models.use("nobody has it", now=NOW)
    assert consumer.version() == version


def test_a_card_of_a_newer_release_stays_signed(store: Store, consumer: CopyingConsumer) -> None:
    """Fields that this release does not know are copied with it."""
    champion = a_champion()
    card, artifact = seal(champion.model, champion.card, KEY)
    extended = json.loads(encode_card(card)) | {"told_by_a_newer_release": 7}
    extended["signature"] = _signature(json.dumps(extended).encode(), KEY)
    store.models.put(ModelEntry(card.version, card.created_at, json.dumps(extended), card.sha256), artifact)
    store.models.use(card.version, now=NOW)
    assert consumer.version() == card.version
    assert "told_by_a_newer_release" in card_file(consumer.file).read_text(encoding="utf-8")


def test_a_model_trained_by_hand_stays_if_it_is_newer(store: Store, consumer: CopyingConsumer) -> None:
    """One that is older than the decision for the model in use gives way to it."""
    version = put(store, threshold=0.7)
    for after, expected in ((timedelta(hours=1), None), (-timedelta(hours=1), version)):
        champion = a_champion(threshold=0.3, created_at=NOW + after)
        card, artifact = seal(champion.model, champion.card, KEY)
        write(consumer.file, card, artifact)
        assert consumer.version() == (expected or card.version)


def test_a_model_trained_by_hand_that_is_refused_gives_way(store: Store, consumer: CopyingConsumer) -> None:
    """As one that was trained without the site's key: a start would have no model at all."""
    version = put(store, threshold=0.7)
    champion = a_champion(threshold=0.3, created_at=NOW + timedelta(hours=1))
    for key in (None, "another site's key"):
        card, artifact = seal(champion.model, champion.card, key)
        write(consumer.file, card, artifact)
        assert consumer.version() == version


def test_nothing_in_use_leaves_the_file_alone(store: Store, consumer: CopyingConsumer) -> None:
    """As with a database that nobody has retrained in yet."""
    champion = a_champion()
    card, artifact = seal(champion.model, champion.card, KEY)
    write(consumer.file, card, artifact)
    assert store.models.in_use() is None
    assert consumer.version() == card.version


def test_a_folder_that_cannot_be_written_ends_nothing(store: Store, consumer: CopyingConsumer, tmp_path: Path) -> None:
    put(store, threshold=0.7)
    (tmp_path / "one").write_text("a file where the folder should be", encoding="utf-8")
    consumer.copy.refresh()
    assert (tmp_path / "one").is_file()


def test_a_start_does_without_the_database(tmp_path: Path, clock: ManualClock) -> None:
    """It waits a few seconds at most, and finds the copy as it was."""
    settings = MlSettings(model_file=tmp_path / "failure_model.pkl")
    champion = a_champion()
    write(settings.model_file, *seal(champion.model, champion.card, None))
    nobody = MongoSettings.from_env({"ENERGYTRACK_MONGO_URI": "mongodb://127.0.0.1:9"})
    with keeping_a_copy(nobody, settings, ModelMetrics(CollectorRegistry()), clock):
        assert read(settings.model_file, None).card.threshold == champion.card.threshold
