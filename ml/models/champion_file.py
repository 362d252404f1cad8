"""Watches the file of the model in use, and reads it again if it has changed and matches its card."""

from pathlib import Path

import structlog

from energytrack.clock import Clock
from ml.errors import ArtifactMismatch
from ml.models.artifact import card_file, read
from ml.models.card import Champion
from ml.models.metrics import ModelMetrics

log = structlog.get_logger(__name__)


class ChampionFile:
    """A model file that is read again once its card has changed."""

    def __init__(
        self, file: Path, key: str | None, *, every_seconds: float, clock: Clock, metrics: ModelMetrics
    ) -> None:
        self._file = file
        self._key = key
        self._every = every_seconds
        self._clock = clock
        self._metrics = metrics
        self._next = clock.monotonic()
        self._seen: tuple[int, int] | None = None

    def changed(self) -> Champion | None:
        """The new champion, if the file has changed and matches its card; None between two checks of the disk."""
        if self._clock.monotonic() < self._next:
            return None
        self._next = self._clock.monotonic() + self._every
        try:
            stat = card_file(self._file).stat()
        except FileNotFoundError:
            return None
        stamp = (stat.st_mtime_ns, stat.st_ino)
        if stamp == self._seen:
            return None
        self._seen = stamp
        try:
            champion = read(self._file, self._key)
        except ArtifactMismatch as error:
            self._metrics.refused(error)
            log.warning("model file refused", reason=error.reason, detail=str(error))
            return None
        self._metrics.in_use(champion.card)
        return champion
