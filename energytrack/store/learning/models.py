"""Trained models: a card and a file (in GridFS) each, and which of them is in use."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

import gridfs
import msgspec
from gridfs.errors import NoFile
from msgspec import Struct
from pymongo import DESCENDING

from energytrack.store.link import LONG_SECONDS, Document, Link

IN_USE: Final = "champion"


class ModelEntry(Struct, frozen=True):
    """A model in the registry."""

    version: str
    created_at: datetime
    card: str
    """The card as JSON, as stored next to the model's file."""
    sha256: str
    """The hash of the artifact, in hexadecimal."""


class ModelInUse(Struct, frozen=True):
    """The model that all consumers should use."""

    version: str
    since: datetime
    """When it was put into use."""


class Models:
    """The collections `models` (cards) and `model_in_use`, and the GridFS bucket `model_files` (artifacts)."""

    name: Final = "models"
    in_use_name: Final = "model_in_use"

    def __init__(self, link: Link) -> None:
        self._link = link
        self._files = gridfs.GridFSBucket(link.database, bucket_name="model_files")

    def prepare(self) -> None:
        self._link.prepare_index(self.name, "created_at")

    def put(self, entry: ModelEntry, artifact: bytes) -> None:
        """Register a model: first its file, then its card, so every card has a file."""
        with self._link.asking(seconds=LONG_SECONDS):
            self._files.upload_from_stream(entry.version, artifact)
        document = msgspec.to_builtins(entry, builtin_types=(datetime,))
        self._link.insert(self.name, [{"_id": entry.version, **document}])

    def get(self, version: str) -> ModelEntry | None:
        """One model; None if that version does not exist."""
        with self._link.asking():
            document = self._link.collection(self.name).find_one({"_id": version})
        return self._link.unreadable.one(self.name, document, _entry)

    def in_use(self) -> ModelInUse | None:
        """The model in use; None if there was never any."""
        with self._link.asking():
            document = self._link.collection(self.in_use_name).find_one({"_id": IN_USE})
        return None if document is None else msgspec.convert(document, ModelInUse)

    def use(self, version: str, *, now: datetime) -> None:
        """Put a registered model into use: consumers take it from here."""
        with self._link.asking():
            self._link.collection(self.in_use_name).update_one(
                {"_id": IN_USE}, {"$set": {"version": version, "since": now}}, upsert=True
            )

    def recent(self, limit: int) -> tuple[ModelEntry, ...]:
        """The last models, newest first; `limit` 0 means all."""
        with self._link.asking():
            documents = self._link.collection(self.name).find().sort("created_at", DESCENDING).limit(limit)
            return tuple(self._link.unreadable.passed_over(self.name, documents, _entry))

    def artifact(self, version: str) -> bytes | None:
        """A model's file; None if that version does not exist."""
        with self._link.asking(seconds=LONG_SECONDS):
            try:
                return self._files.open_download_stream_by_name(version).read()
            except NoFile:
                return None

    def drop(self, versions: Iterable[str]) -> None:
        """Delete models: first the card, then the file, so every card has a file."""
        for version in versions:
            with self._link.asking(seconds=LONG_SECONDS):
                self._link.collection(self.name).delete_one({"_id": version})
                for file in self._files.find({"filename": version}):
                    self._files.delete(file._id)  # noqa: SLF001  # the documents' own key


def _entry(document: Document) -> ModelEntry:
    return msgspec.convert(document, ModelEntry)
