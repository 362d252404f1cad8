"""Prices and emission factors from imported files, by import, until that is taken back."""

from collections.abc import Sequence
from typing import Final

import msgspec

from energytrack.contract.rates import ImportedRates, RateSeries
from energytrack.store.link import LONG_SECONDS, Document, Link

AT_ONCE: Final = 20_000
"""The most values of one document: a third of a megabyte."""


class RatesOfImports:
    """The collection `imported_rates`."""

    name: Final = "imported_rates"

    def __init__(self, link: Link) -> None:
        self._link = link

    def prepare(self) -> None:
        self._link.prepare_index(self.name, "batch_id")

    def put(self, rates: ImportedRates) -> None:
        """Store an import's values; idempotent."""
        for series in rates.series:
            documents: list[Document] = [
                {
                    "_id": f"{rates.batch_id}|{series.kind}|{start}",
                    "batch_id": rates.batch_id,
                    "market": rates.market,
                    "kind": series.kind,
                    "start_ms": list(series.start_ms[start : start + AT_ONCE]),
                    "per_kwh": list(series.per_kwh[start : start + AT_ONCE]),
                    "width_ms": series.width_ms,
                }
                for start in range(0, len(series), AT_ONCE)
            ]
            self._link.insert(self.name, documents)

    def of(self, batch_ids: Sequence[str]) -> Sequence[ImportedRates]:
        """The values of some imports, in the order given."""
        wanted: Document = {"batch_id": {"$in": list(batch_ids)}}
        with self._link.asking(seconds=LONG_SECONDS):
            documents = list(self._link.collection(self.name).find(wanted)) if batch_ids else []
        by_batch: dict[str, list[ImportedRates]] = {batch_id: [] for batch_id in batch_ids}
        for each in self._link.unreadable.passed_over(self.name, documents, _rates):
            by_batch[each.batch_id].append(each)
        return [
            ImportedRates(batch_id, parts[0].market, tuple(series for each in parts for series in each.series))
            for batch_id, parts in by_batch.items()
            if parts
        ]

    def take_back(self, batch_id: str) -> int:
        """Delete an import's values; returns the number of documents. The ledger knows which prices come from it."""
        with self._link.asking(seconds=LONG_SECONDS):
            return self._link.collection(self.name).delete_many({"batch_id": batch_id}).deleted_count


def _rates(document: Document) -> ImportedRates:
    return ImportedRates(document["batch_id"], document["market"], (msgspec.convert(document, RateSeries),))
