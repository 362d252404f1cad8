"""Imported prices and emission factors in a running plant: applied when stored, removed when taken back."""

import threading
from collections.abc import Sequence
from typing import Final

from energytrack.plant import Plant
from energytrack.store import Store
from energytrack.store.telemetry.imports import BatchState

LOOK_SECONDS: Final = 5.0
"""How often a service looks for new imports."""


class ImportedPrices:
    """Passes imported prices and emission factors to a plant."""

    def __init__(self, store: Store, plant: Plant) -> None:
        self._store = store
        self._plant = plant
        self._lock = threading.Lock()
        self._known: tuple[tuple[str, BatchState], ...] = ()
        self.edition = 0
        """Rises with each change that was applied."""
        self.gone: frozenset[str] = frozenset()
        """The imports that were taken back, as of the last look."""

    def look(self) -> bool:
        """Apply what changed since the last look; returns whether anything did. Raises StoreUnavailable.

        One thread at a time, so that an older state never replaces a newer one.
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
