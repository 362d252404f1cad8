"""Reads documents that may have another form, as a newer release writes: bad ones are skipped, logged and counted.

During a rolling update both releases run for a while, and an update that is undone leaves what it wrote.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, TypeVar

import msgspec
import structlog

from energytrack.errors import UnreadableDocument

log = structlog.get_logger(__name__)

T = TypeVar("T")
D = TypeVar("D", bound=Mapping[str, Any])
NAMED: Final = 1000
"""This many documents are named in the log; more are only counted."""
COUNTED: Final = 100_000
"""This many are remembered, so that none counts twice; further ones are skipped silently."""


class UnreadableDocuments:
    """Reads documents, and logs each unreadable one once."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._seen: set[tuple[str, str]] = set()

    def passed_over(self, name: str, documents: Iterable[D], build: Callable[[D], T]) -> Iterator[T]:
        """The values of a collection's documents, without those that cannot be read."""
        for document in documents:
            try:
                built = build(document)
            except (msgspec.ValidationError, KeyError, TypeError, ValueError) as error:
                self._note(name, document, error)
                continue
            yield built

    def one(self, name: str, document: D | None, build: Callable[[D], T]) -> T | None:
        """The value of a document; None if it does not exist or cannot be read."""
        return None if document is None else next(self.passed_over(name, [document], build), None)

    def needed(self, name: str, document: D | None, build: Callable[[D], T]) -> T | None:
        """The value of a document that must not be skipped; None if it does not exist.

        Raises UnreadableDocument.
        """
        built = self.one(name, document, build)
        if document is not None and built is None:
            raise UnreadableDocument(name, str(document.get("_id")))
        return built

    def counts(self) -> Mapping[str, int]:
        """The number of unreadable documents by collection."""
        return dict(self._counts)

    def _note(self, name: str, document: Mapping[str, Any], error: Exception) -> None:
        key = str(document.get("_id"))
        if (name, key) in self._seen or len(self._seen) >= COUNTED:
            return
        self._seen.add((name, key))
        self._counts[name] += 1
        if len(self._seen) <= NAMED:
            log.warning("a document cannot be read and is skipped: did a newer release write it?",
                        collection=name, id=key, detail=str(error) or type(error).__name__)  # fmt: skip
