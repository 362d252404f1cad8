"""Copies the model in use from the database to a file, so that a consumer can start without the database."""

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

import msgspec
import structlog

from energytrack.clock import Clock
from energytrack.errors import StoreRefused, StoreUnavailable
from energytrack.settings import MongoSettings
from energytrack.store.learning.models import ModelEntry, ModelInUse, Models
from energytrack.store.open import open_store
from ml.errors import ArtifactMismatch
from ml.models.artifact import card_file, check, install, intact, read
from ml.models.card import Card
from ml.models.metrics import ModelMetrics
from ml.settings import MlSettings

log = structlog.get_logger(__name__)

Stamp = tuple[int, int, int, int]
REFUSED_SECONDS: Final = 60.0
"""Delay before a model that was refused or could not be written is fetched again: it may be several megabytes."""
START_SECONDS: Final = 5.0
"""Time that a start waits for the database before it uses its copy."""


class ChampionCopy:
    """Keeps a file equal to the database's model in use. Not thread-safe."""

    def __init__(self, models: Models, file: Path, key: str | None, *, clock: Clock, metrics: ModelMetrics) -> None:
        self._models = models
        self._file = file
        self._key = key
        self._clock = clock
        self._metrics = metrics
        self._equal: tuple[str, Stamp] | None = None
        """Version and state of the files when they last matched the database, so that they need not be read again."""
        self._again: tuple[str, float] | None = None
        """Version that could not be fetched, and the monotonic time of the next attempt."""
        self._own: Stamp | None = None
        """State of the files when they last held a model trained here, so that it need not be opened again."""

    def refresh(self) -> None:
        """Fetch the model in use unless the file already holds it; raises StoreUnavailable, StoreRefused.

        A usable model that was trained here by hand, after the one in use was promoted, is kept: `ml.retrain` will
        register it.
        """
        wanted = self._models.in_use()
        if wanted is None or self._equal == (wanted.version, _stamp(self._file)) or self._is_later(wanted.version):
            return
        entry = self._models.get(wanted.version)
        if entry is None:
            self._put_off(wanted.version, "the database has no model of the version that is in use")
        elif intact(self._file, entry.card.encode(), entry.sha256):
            self._equal = (wanted.version, _stamp(self._file))
        elif not self._is_own(wanted):
            self._fetch(entry)

    def _fetch(self, entry: ModelEntry) -> None:
        artifact, raw_card = self._models.artifact(entry.version), entry.card.encode()
        if artifact is None:
            self._put_off(entry.version, "the database has the card of the model in use, but not its file")
            return
        try:
            check(raw_card, artifact, self._key, name=f"model {entry.version} of the database")
            install(self._file, raw_card, artifact)
        except ArtifactMismatch as error:
            self._metrics.refused(error)
            self._put_off(entry.version, str(error))
        except OSError as error:
            self._put_off(entry.version, f"the model in use cannot be written to {self._file}: {error.strerror}")
        else:
            self._again = self._own = None
            self._equal = (entry.version, _stamp(self._file))
            log.info("model fetched from the database", version=entry.version, file=str(self._file))

    def _is_own(self, wanted: ModelInUse) -> bool:
        """Whether the file holds a usable model that the database does not know, newer than the last promotion."""
        try:
            card = msgspec.json.decode(card_file(self._file).read_bytes(), type=Card)
        except (OSError, msgspec.MsgspecError):
            return False
        if card.created_at <= wanted.since or self._models.get(card.version) is not None:
            return False
        stamp = _stamp(self._file)
        if self._own != stamp:
            try:
                read(self._file, self._key)
            except ArtifactMismatch as error:
                log.warning("a model that was trained by hand is refused; the one in the database replaces it",
                            version=card.version, file=str(self._file), detail=str(error))  # fmt: skip
                return False
            log.warning("a model that was trained by hand is in use here only; ml.retrain puts it into use everywhere",
                        version=card.version, file=str(self._file))  # fmt: skip
        self._own = stamp
        return True

    def _is_later(self, version: str) -> bool:
        return self._again is not None and self._again[0] == version and self._clock.monotonic() < self._again[1]

    def _put_off(self, version: str, why: str) -> None:
        if self._again is None or self._again[0] != version:
            log.warning(
                "the model in use could not be fetched from the database; scoring continues with "
                "the local copy",
                        version=version, detail=why)  # fmt: skip
        self._again = (version, self._clock.monotonic() + REFUSED_SECONDS)


def _stamp(file: Path) -> Stamp:
    """Modification times and inodes of both files; zeros if one is missing."""
    try:
        artifact, card = file.stat(), card_file(file).stat()
    except OSError:
        return (0, 0, 0, 0)
    return (artifact.st_mtime_ns, artifact.st_ino, card.st_mtime_ns, card.st_ino)


@contextmanager
def keeping_a_copy(mongo: MongoSettings, settings: MlSettings, metrics: ModelMetrics, clock: Clock) -> Iterator[None]:
    """Run a thread that keeps the copy up to date.

    Enters once the database has answered or failed, or after START_SECONDS.
    """
    ended, begun = threading.Event(), threading.Event()
    with closing(open_store(mongo)) as store:
        copy = ChampionCopy(store.models, settings.model_file, settings.key(), clock=clock, metrics=metrics)

        def keep() -> None:
            answers = True
            while not ended.is_set():
                try:
                    if not (answers and begun.is_set()):
                        store.ping()  # raises within seconds if the database is away
                    copy.refresh()
                except (StoreUnavailable, StoreRefused) as error:
                    if answers and not ended.is_set():
                        log.warning("the database does not answer about the model in use; the local copy is used",
                                    file=str(settings.model_file), detail=str(error))  # fmt: skip
                    answers = False
                else:
                    if not answers:
                        log.info("the database answers again about the model in use")
                    answers = True
                begun.set()
                ended.wait(settings.check_seconds)

        threading.Thread(target=keep, daemon=True, name="champion-copy").start()
        begun.wait(START_SECONDS)
        try:
            yield
        finally:
            ended.set()
