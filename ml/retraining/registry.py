"""The model registry: the champion in a file, for the scoring services, and all champions in the store."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from energytrack.errors import EnergyTrackError
from energytrack.running.launcher import launch_command
from energytrack.store import Store
from energytrack.store.learning.models import ModelEntry
from ml.errors import ArtifactMismatch
from ml.models.artifact import card_file, check, read, seal, write
from ml.models.card import Card, Champion, encode_card
from ml.models.estimators import Model


@dataclass(eq=False)
class NoSuchModel(EnergyTrackError):
    """The requested model is not in the registry."""

    version: str

    def __str__(self) -> str:
        return (
            f"no model {self.version} in the registry; `{launch_command('ml.retrain list')}` shows those that are there"
        )


class ModelRegistry:
    """The registry in the store and the exported champion; every exported model has been verified."""

    def __init__(self, store: Store, file: Path, key: str | None, *, keep: int) -> None:
        self._store = store
        self._file = file
        self._key = key
        self._keep = keep

    def champion(self) -> Champion | None:
        """The model in use, or None. Raises ArtifactMismatch if the file does not match its card."""
        if not card_file(self._file).exists():
            return None
        return read(self._file, self._key)

    def adopt(self) -> Champion | None:
        """The model in use, registered first if necessary, so that a rollback to it is possible."""
        champion = self.champion()
        if champion is not None and self._store.models.get(champion.card.version) is None:
            self._register(champion.card, self._file.read_bytes())
        return champion

    def promote(self, model: Model, card: Card) -> Card:
        """Seal a model, register it, and export it; returns its completed card.

        If this is interrupted, the old champion stays: an unused model in the registry does no harm.
        """
        sealed, artifact = seal(model, card, self._key)
        self._register(sealed, artifact)
        write(self._file, sealed, artifact)
        self._tidy(sealed.version)
        return sealed

    def roll_back(self, version: str | None = None) -> Card:
        """Export an earlier model again, by default the newest one that is older than the one in use.

        Raises NoSuchModel, and ArtifactMismatch if the stored model differs from the registered one: it is then neither
        opened nor exported.
        """
        entry = self._store.models.get(version) if version else self._before()
        artifact = self._store.models.artifact(entry.version) if entry else None
        if entry is None or artifact is None:
            raise NoSuchModel(version or "before the one in use")
        found = check(entry.card.encode(), artifact, self._key, name=f"model {entry.version}")
        write(self._file, found.card, artifact)
        return found.card

    def kept(self) -> Sequence[ModelEntry]:
        """The models in the registry, newest first."""
        return self._store.models.recent(0)

    def version(self) -> str | None:
        """The version in use; None if there is no valid one."""
        try:
            champion = self.champion()
        except ArtifactMismatch:
            return None
        return champion.card.version if champion else None

    def _before(self) -> ModelEntry | None:
        champion = self.champion()
        made = champion.card.created_at if champion else datetime.max.replace(tzinfo=UTC)
        older = (entry for entry in self.kept() if entry.created_at < _kept_as(made))
        return next(older, None)

    def _register(self, card: Card, artifact: bytes) -> None:
        entry = ModelEntry(card.version, card.created_at, encode_card(card).decode(), card.sha256)
        self._store.models.put(entry, artifact)

    def _tidy(self, in_use: str) -> None:
        """Delete the oldest models beyond the number to keep."""
        extra = [entry.version for entry in self.kept()[self._keep :]]
        self._store.models.drop(version for version in extra if version != in_use)


def _kept_as(moment: datetime) -> datetime:
    """With the database's precision, milliseconds."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
