"""Asks the store about machines that are new to this exporter, without keeping panels waiting."""

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Final, TypeVar

import structlog

from energytrack.clock import Clock
from energytrack.errors import StoreUnavailable
from energytrack.store import Store

log = structlog.get_logger(__name__)

PATIENCE_SECONDS: Final = 5.0
AGAIN_SECONDS: Final = 30.0
AT_ONCE: Final = 500
"""Number of machines in one query with that time limit."""

T = TypeVar("T")


class StoreQueries:
    """Runs all queries of the store: after one has timed out, the others do not wait."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.store = store
        self._clock = clock
        self._away_until = clock.monotonic()
        self._is_away = False

    def ask_about(
        self, device_ids: Collection[str], question: Callable[[Store, Sequence[str]], T]
    ) -> Iterator[tuple[Sequence[str], T | None]]:
        """Some machines at a time, with the answer about them; None if the database does not answer."""
        names = sorted(device_ids)
        for start in range(0, len(names), AT_ONCE):
            some = names[start : start + AT_ONCE]

            def about(store: Store, some: Sequence[str] = some) -> T:
                return question(store, some)

            yield some, self.ask(about)

    def ask(self, question: Callable[[Store], T]) -> T | None:
        """The answer; None while the database is unavailable; it is tried again occasionally."""
        if self._clock.monotonic() < self._away_until:
            return None
        try:
            with self.store.within(PATIENCE_SECONDS):
                answer = question(self.store)
        except StoreUnavailable as error:
            self._away_until = self._clock.monotonic() + AGAIN_SECONDS
            if not self._is_away:
                log.warning(
                    "the database does not answer: until it does, machines that are new to this exporter have no "
                    "energy counters and no earlier failures and repairs",
                    detail=str(error),
                )
            self._is_away = True
            return None
        self._is_away = False
        return answer
