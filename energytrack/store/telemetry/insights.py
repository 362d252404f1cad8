"""Insights that differ from the previous one (see `historian.fold`): a probability is valid until the next one."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec

from energytrack.messages import Insight
from energytrack.plant import Place
from energytrack.store.link import Document, Link
from energytrack.store.telemetry.series import TimeSeriesCollection


class Insights:
    """The collection `insights`."""

    name: Final = "insights"

    def __init__(self, link: Link, *, days: int) -> None:
        self._link = link
        self._series = TimeSeriesCollection(link, self.name, days=days)

    def prepare(self) -> None:
        """Create the collection and its index."""
        self._series.prepare()

    def put(self, insights: Sequence[Insight], place_of: Callable[[str], Place]) -> None:
        """Store insights in one round trip; `place_of` returns type and line by device id."""
        self._series.insert([_document(insight, place_of(insight.device_id)) for insight in insights])

    def count(self, device_id: str, *, since: datetime, until: datetime) -> int:
        """The number of the device's insights in [since, until)."""
        return self._series.count(device_id, since, until)

    def counts(self, *, since: datetime, until: datetime) -> Mapping[str, int]:
        """The number of insights in [since, until) by device, over the whole plant.

        For short ranges, because it reads them all.
        """
        return self._series.counts(since, until)

    def latest(self, device_id: str, limit: int, *, until: datetime) -> tuple[Insight, ...]:
        """The device's last insights before `until`, newest first."""
        insights: list[Insight] = []
        documents = self._series.backward(device_id, until, page=2 * limit)
        for insight in self._link.unreadable.passed_over(self.name, documents, _insight):
            insights.append(insight)
            if len(insights) == limit:
                break
        return tuple(insights)

    def stream(self, device_ids: Iterable[str], *, since: datetime, until: datetime) -> Iterator[Insight]:
        """The devices' insights of [since, until), device after device, oldest first."""
        for device_id in device_ids:
            documents = self._series.forward(device_id, since, until)
            yield from self._link.unreadable.passed_over(self.name, documents, _insight)

    def expire(self, device_id: str, *, now: datetime) -> int:
        """Delete expired ones, for servers that do not (`Link.expires`); returns how many."""
        return self._series.expire(device_id, now)


def _document(insight: Insight, place: Place) -> Document:
    document: Document = msgspec.to_builtins(insight, builtin_types=(datetime,))
    document["device"] = {"id": document.pop("device_id"), "type": place.device_type, "line": place.line}
    return document


def _insight(document: Document) -> Insight:
    return msgspec.convert({**document, "device_id": document["device"]["id"]}, Insight)
