"""Prices and emission factors from imported files: each import's own, for good.

An import that was taken back keeps its documents and counts no more: the historian finds in them the prices that it has
to take out of the ledger.
"""

from collections.abc import Collection, Sequence
from typing import Final

import msgspec

from energytrack.contract.rates import ImportedRates, RateSeries
from energytrack.store.link import LONG_SECONDS, Document, Link

AT_ONCE: Final = 20_000
"""Values of one document: a third of a megabyte."""


class RatesOfImports:
    """The collection `imported_rates`."""

    name: Final = "imported_rates"

    def __init__(self, link: Link) -> None:
        self._link = link

    def prepare(self) -> None:
        """Create the index."""
        self._link.prepare_index(self.name, "batch_id")

    def put(self, rates: ImportedRates) -> None:
        """File what an import says; twice is once."""
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
        """What some imports say, in the order given."""
        wanted: Document = {"batch_id": {"$in": list(batch_ids)}}
        with self._link.asking(seconds=LONG_SECONDS):
            documents = list(self._link.collection(self.name).find(wanted)) if batch_ids else []
        by_batch: dict[str, list[Document]] = {batch_id: [] for batch_id in batch_ids}
        for document in documents:
            by_batch[document["batch_id"]].append(document)
        return [_rates(batch_id, parts) for batch_id, parts in by_batch.items() if parts]


def _rates(batch_id: str, documents: Collection[Document]) -> ImportedRates:
    series = tuple(msgspec.convert(each, RateSeries) for each in documents)
    return ImportedRates(batch_id, next(iter(documents))["market"], series)
