"""What a newer release wrote does not stop this one: it is passed over, named and counted; the rest is there."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from energytrack.errors import UnreadableDocument
from energytrack.ledger.documents import from_document, to_document
from energytrack.plant import Place
from energytrack.production.counters import NOTHING_READ
from energytrack.production.spells import SpellDay
from energytrack.store import Store
from energytrack.store.operations.alarms import AlarmFilter
from energytrack.store.operations.commands import OrderFilter
from energytrack.store.unreadable_metric import UnreadableCollector
from testkit import dates
from testkit.builders.ledger import a_day
from testkit.builders.messages import NOW, an_event, an_insight

HOUR = timedelta(hours=1)
NEWER: dict[str, Any] = {"device_id": "cnc-0007", "timestamp": NOW, "at": NOW, "kind": "machine_moved", "reading": 7,
                         "batch_id": "b1"}  # fmt: skip
LISTS: dict[str, Callable[[Store], Sequence[object]]] = {
    "events": lambda store: list(store.events.of_device("cnc-0007", since=NOW - HOUR, until=NOW + HOUR)),
    "devices": lambda store: store.devices.all(),
    "imports": lambda store: store.imports.newest(),
    "imported_rates": lambda store: store.imported_rates.of(["b1"]),
    "alarms": lambda store: store.alarms.find(AlarmFilter()),
    "alarm_log": lambda store: store.alarms.log(limit=5),
    "commands": lambda store: store.commands.find(OrderFilter()),
    "locks": lambda store: store.locks.find(limit=5),
    "schedules": lambda store: store.schedules.all(),
    "escalations": lambda store: list(store.pages.escalations().values()),
    "pages": lambda store: store.pages.latest(limit=5),
    "machine_records": lambda store: store.machines.newest(),
    "measures": lambda store: store.measures.all(),
    "baselines": lambda store: store.baselines.newest(),
    "peak_quarters": lambda store: store.quarters.latest(5),
    "ledger_corrections": lambda store: store.corrections.latest(limit=5),
    "model_runs": lambda store: store.runs.recent(5),
    "models": lambda store: store.models.recent(5),
}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_is_answered_without_what_cannot_be_read(store: Store, name: str) -> None:
    """It is named once in the log, and counted once, however often it is asked for."""
    store.link.collection(name).insert_one({"_id": "newer", **NEWER})
    with capture_logs() as logs:
        assert LISTS[name](store) in ([], ())
        assert LISTS[name](store) in ([], ())
    assert [(each["collection"], each["id"]) for each in logs] == [(name, "newer")]
    registry = CollectorRegistry()
    registry.register(UnreadableCollector(store.unreadable))
    assert registry.get_sample_value("energytrack_store_unreadable_documents_total", {"collection": name}) == 1.0


def test_an_unknown_kind_of_event_leaves_the_others(store: Store) -> None:
    events = [an_event("failure", timestamp=NOW), an_event("fault_code", timestamp=NOW + HOUR / 2)]
    store.events.put(events)
    store.link.collection("events").insert_one({"_id": "newer", **NEWER})
    assert list(store.events.of_device("cnc-0007", since=NOW - HOUR, until=NOW + HOUR)) == events
    assert store.events.last_of_device("cnc-0007", "machine_moved", since=NOW - HOUR, before=NOW + HOUR) is None


def test_an_insight_of_another_form_leaves_the_others(store: Store) -> None:
    good = an_insight()
    store.insights.put([good], lambda _: Place())
    newer = {"timestamp": NOW + timedelta(minutes=1), "device": {"id": "cnc-0007"}, "failure_probability": "high"}
    store.link.collection("insights").insert_one(newer)
    assert store.insights.latest("cnc-0007", 5, until=NOW + HOUR) == (good,)
    assert list(store.insights.stream(["cnc-0007"], since=NOW - HOUR, until=NOW + HOUR)) == [good]


def test_what_cannot_be_done_without_says_so(store: Store) -> None:
    """An order, an alarm or a schedule that somebody asks for by its id is not reported as missing."""
    for name in ("commands", "alarms", "schedules"):
        store.link.collection(name).insert_one({"_id": "newer", **NEWER})
    for ask in (store.commands.get, store.alarms.get, store.schedules.get):
        with pytest.raises(UnreadableDocument, match="newer release"):
            ask("newer")


def test_a_lock_that_cannot_be_read_still_locks(store: Store) -> None:
    """Somebody may be in the machine."""
    store.link.collection("locks").insert_one({"_id": "newer", "held": True, "holder": "grafana:maria", **NEWER})
    lock = store.locks.of("cnc-0007")
    assert lock is not None
    assert lock.holder == "grafana:maria"


def test_a_reason_for_counting_again_that_is_not_known_keeps_the_day() -> None:
    document = to_document(a_day())
    document["revisions"] = [{"revision": 2, "at": dates.NOW, "why": "another meter", "kwh_before": 3.0}]
    assert from_document(document).revisions[0].why == "another meter"


def test_counters_and_spells_of_another_form_begin_again(store: Store) -> None:
    store.meters.begin({"cnc-0007": 1.0})
    store.link.collection("meters").update_many({}, {"$set": {"counters": {"parts": "many"}}})
    assert store.meters.counting(["cnc-0007"])["cnc-0007"].counters == NOTHING_READ
    start = dates.at_plant("mon", "00:00").timestamp()
    store.spells.put([SpellDay("cnc-0007", dates.MONDAY, start, start, ())])
    store.link.collection("spells").update_many({}, {"$set": {"states": "§", "begun": b"\0" * 4, "ended": b"\1" * 4}})
    assert list(store.spells.days(dates.MONDAY, dates.MONDAY)) == []
