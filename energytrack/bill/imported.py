"""Imported prices and emission factors in a plant that is in use: taken over when they come, and when they go."""

import threading
from collections.abc import Sequence
from typing import Final

from energytrack.plant import Plant
from energytrack.store import Store
from energytrack.store.telemetry.imports import BatchState

LOOK_SECONDS: Final = 5.0
"""How often a service looks for new ones."""


class ImportedPrices:
    """Gives a plant what people imported."""

    def __init__(self, store: Store, plant: Plant) -> None:
        self._store = store
        self._plant = plant
        self._lock = threading.Lock()
        self._known: tuple[tuple[str, BatchState], ...] = ()
        self.edition = 0
        """Rises with each change that was taken over."""
        self.gone: frozenset[str] = frozenset()
        """The imports that were taken back, as of the last look."""

    def look(self) -> bool:
        """Take over what changed since the last look; returns whether anything did. Raises StoreUnavailable.

        One thread at a time: what one of them read earlier must not take the place of what another one read later.
        """
        with self._lock:
            return self._look()

    def _look(self) -> bool:
        imports = self._store.imports.with_rates()
        if imports == self._known:
            return False
        self._plant.take_imported(self._store.imported_rates.of(_those(imports, "stored")))
        self.gone = frozenset(_those(imports, "taken_back"))
        self._known = imports
        self.edition += 1
        return True


def _those(imports: Sequence[tuple[str, BatchState]], wanted: BatchState) -> list[str]:
    return [batch_id for batch_id, state in imports if state == wanted]
