"""The model registry: all champions in the store, and which of them is in use."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import structlog

from energytrack.clock import Clock
from energytrack.errors import EnergyTrackError
from energytrack.running.launcher import launch_command
from energytrack.store import Store
from energytrack.store.learning.models import ModelEntry
from ml.errors import ArtifactMismatch
from ml.models.artifact import card_file, check, contents, seal
from ml.models.card import Card, Champion, encode_card
from ml.models.estimators import Model

log = structlog.get_logger(__name__)


@dataclass(eq=False)
class NoSuchModel(EnergyTrackError):
    """The requested model is not in the registry."""

    version: str

    def __str__(self) -> str:
        return (
            f"no model {self.version} in the registry; `{launch_command('ml.retrain list')}` shows those that are there"
        )


class ModelRegistry:
    """The registry in the store; every model is verified before it is put into use, and before it is opened."""

    def __init__(self, store: Store, file: Path, key: str | None, *, keep: int, clock: Clock) -> None:
        """`file` is the path of a model that was trained by hand with `ml.train_model`."""
        self._store = store
        self._file = file
        self._key = key
        self._keep = keep
        self._clock = clock
        self._settled: tuple[int | None] | None = None
        """When the file had changed last, at the last `settle_once`."""

    def champion(self) -> Champion | None:
        """The model in use, or None. Raises ArtifactMismatch if it differs from what was registered, NoSuchModel."""
        in_use = self._store.models.in_use()
        return self._verified(in_use.version) if in_use else None

    def settle(self) -> Champion | None:
        """The model in use, after a decision about the model file beside the registry. Raises ArtifactMismatch.

        A model that was trained by hand after the one in use was put into use takes its place. If none is in use, or
        this release cannot use the one that is, the file does, or otherwise the model of the last run: releases up to
        0.1.0 kept the model in use only in the file.
        """
        in_use = self._store.models.in_use()
        try:
            champion = self.champion()
        except (ArtifactMismatch, NoSuchModel) as error:
            found = self._from_file()
            if found is None:
                raise
            log.warning("the model in use was refused; the one in the file replaced it", detail=str(error))
            return found
        if champion is None:
            return self._from_file() or self._of_last_run()
        if in_use is not None:
            return self._from_file(after=in_use.since) or champion
        return champion

    def settle_once(self) -> None:
        """Do the same if the file has changed since; a refusal is logged."""
        stamp = _changed_at(card_file(self._file))
        if self._settled == (stamp,):
            return
        try:
            self.settle()
        except (ArtifactMismatch, NoSuchModel) as error:
            log.warning("no model of the registry can be used", detail=str(error))
        self._settled = (stamp,)

    def adopt(self, file: Path) -> Card:
        """Register the model of a file, and put it into use; raises ArtifactMismatch."""
        raw_card, artifact = contents(file)
        card = check(raw_card, artifact, self._key, name=str(file)).card
        self._take(card, raw_card, artifact)
        return card

    def promote(self, model: Model, card: Card) -> Card:
        """Seal a model, register it, and put it into use; returns its completed card.

        If this is interrupted, the old champion stays: an unused model in the registry does no harm.
        """
        sealed, artifact = seal(model, card, self._key)
        entry = ModelEntry(sealed.version, sealed.created_at, encode_card(sealed).decode(), sealed.sha256)
        self._store.models.put(entry, artifact)
        self._use(sealed)
        return sealed

    def roll_back(self, version: str | None = None) -> Card:
        """Use an earlier model again, by default the newest one that is older than the one in use.

        Raises NoSuchModel, and ArtifactMismatch if the stored model differs from the registered one: it is then neither
        opened nor put into use.
        """
        champion = self._verified(version or self._before())
        self._store.models.use(champion.card.version, now=self._clock.now())
        return champion.card

    def kept(self) -> Sequence[ModelEntry]:
        """The models in the registry, newest first."""
        return self._store.models.recent(0)

    def version(self) -> str | None:
        """The version in use; None if there is no valid one."""
        try:
            champion = self.champion()
        except (ArtifactMismatch, NoSuchModel):
            return None
        return champion.card.version if champion else None

    def _verified(self, version: str) -> Champion:
        entry, artifact = self._store.models.get(version), self._store.models.artifact(version)
        if entry is None or artifact is None:
            raise NoSuchModel(version)
        return check(entry.card.encode(), artifact, self._key, name=f"model {version}")

    def _before(self) -> str:
        try:
            champion = self.champion()
        except (ArtifactMismatch, NoSuchModel):
            champion = None
        made = champion.card.created_at if champion else datetime.max.replace(tzinfo=UTC)
        older = (entry.version for entry in self.kept() if entry.created_at < _kept_as(made))
        card = next(older, None)
        if card is None:
            raise NoSuchModel("before the one in use")
        return card

    def _from_file(self, *, after: datetime | None = None) -> Champion | None:
        """Adopt the file's model if it is not registered and was made after `after`; None if there is none."""
        if not card_file(self._file).exists():
            return None
        try:
            raw_card, artifact = contents(self._file)
            card = check(raw_card, artifact, self._key, name=str(self._file))
        except ArtifactMismatch as error:
            log.warning("the model file was not put into use", detail=str(error))
            return None
        if after is not None and (
            card.card.created_at <= after or self._store.models.get(card.card.version) is not None
        ):
            return None
        self._take(card.card, raw_card, artifact)
        log.info("a model file was put into use", version=card.card.version, file=str(self._file))
        return card

    def _of_last_run(self) -> Champion | None:
        last = self._store.runs.last("promoted", "kept", "rolled_back", "failed")
        if last is None or last.version is None or self._store.models.get(last.version) is None:
            return None
        champion = self._verified(last.version)
        self._use(champion.card)
        return champion

    def _take(self, card: Card, raw_card: bytes, artifact: bytes) -> None:
        """Register a verified model, unless it is registered, and put it into use."""
        if self._store.models.get(card.version) is None:
            self._store.models.put(ModelEntry(card.version, card.created_at, raw_card.decode(), card.sha256), artifact)
        self._use(card)

    def _use(self, card: Card) -> None:
        """Put a registered model into use, then delete the oldest models beyond the number to keep."""
        self._store.models.use(card.version, now=self._clock.now())
        extra = [entry.version for entry in self.kept()[self._keep :]]
        self._store.models.drop(version for version in extra if version != card.version)


def _changed_at(file: Path) -> int | None:
    return file.stat().st_mtime_ns if file.exists() else None


def _kept_as(moment: datetime) -> datetime:
    """A moment with the database's precision, milliseconds."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
