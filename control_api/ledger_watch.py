"""Whether cached results from the ledger are still valid."""

from energytrack.bill.imported import ImportedPrices
from energytrack.store import Store


class LedgerWatch:
    """Tells whether the ledger's past, or the imported prices and factors, changed; each cache has its own."""

    def __init__(self, store: Store, prices: ImportedPrices) -> None:
        self._store = store
        self._prices = prices
        self.seen: tuple[int, int] | None = None
        """The edition that was read last: what is kept is worked out from that one or a later one."""

    def has_changed(self) -> bool:
        """Whether anything changed since the last call; raises StoreUnavailable."""
        now = self._store.edition.current(), self._prices.edition
        before, self.seen = self.seen, now
        return now != before
