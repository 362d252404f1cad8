"""Events of machines before this exporter started: failures, warnings and repairs, from the store.

Without it, a machine that failed an hour ago has "no failure known" after a restart.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Final

from energytrack.clock import Clock
from energytrack.store.telemetry.events import LatestEvent
from exporters.machines.store_queries import StoreQueries

REMEMBERED: Final = timedelta(days=365)


class StoredPast:
    """Reads the latest events of machines; those that could not be read are requested again later."""

    def __init__(self, asking: StoreQueries, clock: Clock) -> None:
        self._asking = asking
        self._clock = clock

    def __call__(self, device_ids: Collection[str]) -> Mapping[str, Sequence[LatestEvent]]:
        """The events of the last year, perhaps none, of each machine for which the database answers."""
        since = self._clock.now() - REMEMBERED
        past: dict[str, list[LatestEvent]] = {}
        answers = self._asking.ask_about(device_ids, lambda store, some: store.events.latest(some, since=since))
        for some, events in answers:
            if events is None:
                continue
            past |= {device_id: [] for device_id in some}
            for each in events:
                past[each.device_id].append(each)
        return past
