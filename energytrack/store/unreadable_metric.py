"""Documents that cannot be read, as a metric."""

from collections.abc import Iterator
from dataclasses import dataclass

from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

from energytrack.store.unreadable import UnreadableDocuments


@dataclass(frozen=True)
class UnreadableCollector(Collector):
    """Exports how many documents of each collection a service skipped."""

    documents: UnreadableDocuments

    def collect(self) -> Iterator[CounterMetricFamily]:
        """One sample for each collection that has any."""
        family = CounterMetricFamily(
            "energytrack_store_unreadable_documents",
            "Documents in the database that this release cannot read and skips; each counts once.",
            labels=["collection"],
        )
        for name, count in sorted(self.documents.counts().items()):
            family.add_metric([name], count)
        yield family
