"""Documents in another form, for example written by a newer release: unreadable ones are skipped, logged and counted.

A rolling update has both releases at work for a while, and one that was taken back leaves what it wrote.
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
"""So many documents are named in the log; more are only counted."""
COUNTED: Final = 100_000
"""This many are remembered, so that none counts twice; further ones are skipped silently."""


class UnreadableDocuments:
    """Reads documents, and says of each one once that it cannot be read."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._seen: set[tuple[str, str]] = set()

    def passed_over(self, name: str, documents: Iterable[D], build: Callable[[D], T]) -> Iterator[T]:
        """What is made of a collection's documents, without those that cannot be read."""
        for document in documents:
            try:
                built = build(document)
            except (msgspec.ValidationError, KeyError, TypeError, ValueError) as error:
                self._note(name, document, error)
                continue
            yield built

    def one(self, name: str, document: D | None, build: Callable[[D], T]) -> T | None:
        """What is made of a document; None where it is not there or cannot be read."""
        return None if document is None else next(self.passed_over(name, [document], build), None)

    def needed(self, name: str, document: D | None, build: Callable[[D], T]) -> T | None:
        """What is made of a document that cannot be passed over; None where it is not there.

        Raises UnreadableDocument.
        """
        built = self.one(name, document, build)
        if document is not None and built is None:
            raise UnreadableDocument(name, str(document.get("_id")))
        return built

    def counts(self) -> Mapping[str, int]:
        """How many there were, by collection."""
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
