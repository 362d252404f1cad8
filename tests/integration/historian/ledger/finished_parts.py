"""Events about finished parts, and what the ledger makes of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from energytrack.clock import ManualClock
from energytrack.events import DeviceEvent
from energytrack.messages import Message
from energytrack.store import Store
from historian.filing import Filing
from testkit import dates
from testkit.builders.messages import an_event
from tests.integration.historian.filings import taken
from tests.integration.historian.ledger.test_files import DAY, a_filing, days

MORNING = dates.at_plant("mon", "06:00")
START = dates.at_plant("mon", "22:00")
TUESDAY = dates.MONDAY + DAY


def finished(name: str, at: datetime, parts: float = 1.0, **fields: object) -> DeviceEvent:
    file_events: dict[str, Any] = {"scrap": None} | fields
    return an_event("parts_finished", event_id=name, timestamp=at, parts=parts, **file_events)


def corrected(name: str, of: str, parts: float, *, at: datetime, **fields: object) -> DeviceEvent:
    file_events: dict[str, Any] = {"corrects": of, "parts": parts, "scrap": None}
    return an_event("parts_corrected", event_id=name, timestamp=at, **(file_events | fields))


def take_over(filing: Filing, clock: ManualClock, events: Sequence[Message]) -> None:
    filing.handle(taken(events))
    clock.advance(1)
    filing.settle()


def file_events(store: Store, events: Sequence[Message], clock: ManualClock) -> None:
    take_over(a_filing(store, clock), clock, events)


def parts(store: Store) -> dict[str, list[float | None]]:
    """Of each day, the quarter hours from the first known one to the last."""
    found = {}
    for day in days(store):
        known = [index for index, each in enumerate(day.parts or ()) if each is not None]
        if known:
            found[f"{day.date:%a}"] = list((day.parts or ())[known[0] : known[-1] + 1])
    return found
