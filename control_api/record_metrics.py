"""Locks, open alarms, the newest orders and what else was refused as metrics, for Grafana.

They are read from the database in the background, so a scrape never waits. While the database does not answer, the
series soon disappear: unknown is not zero.
"""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, NamedTuple

import msgspec
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from energytrack.clock import Clock
from energytrack.machines.state import MachineState
from energytrack.plant import Plant
from energytrack.security.audit import AuditEntry, RefusedRequest
from energytrack.store import Store
from energytrack.store.operations.alarms import ALARM_STATES, OPEN_STATES, Alarm, AlarmFilter
from energytrack.store.operations.commands import Order, OrderFilter
from energytrack.store.operations.locks import Lock

DEVICE: Final = ("device_id", "device_type", "line")
UNKNOWN: Final = "unknown"
"""Line and type of a machine that neither the plant file nor its messages place; the exporters use the same word."""
CLEARED_FOR: Final = timedelta(hours=24)
"""How long a cleared alarm is still exported."""
ORDERS: Final = 40
"""The newest orders that are exported: each has labels of its own, so their number is limited."""
ORDERS_FOR: Final = timedelta(days=7)
LONGEST_TEXT: Final = 160
REFUSABLE: Final = ("locks", "alarms", "schedules", "measures", "stops")
"""The streams of the audit log whose refusals are exported. Orders that are refused are kept as orders."""
NO_REASON: Final = "none given"
"""In place of an empty label: Grafana shows a table's own words for that."""
MAX_AGE_SECONDS: Final = 30.0
"""Older values are not exported."""
READ_SECONDS: Final = 5.0
"""How long reading waits for the database."""


class _RecordCollector(NamedTuple):
    read_at: float
    locks: Mapping[str, Lock]
    alarms: Sequence[Alarm]
    orders: Sequence[Order]
    refusals: Sequence[AuditEntry]
    machines: Mapping[str, MachineState]


@dataclass(eq=False)
class RecordMetrics(Collector):
    """`refresh` reads the records, a scrape shows those that were read last."""

    store: Store
    plant: Plant
    clock: Clock
    machines: Callable[[], Sequence[MachineState]]
    """Every machine with its latest state; says where machines are that the plant file does not list."""
    _records: _RecordCollector | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def refresh(self) -> None:
        """Read all records; raises StoreUnavailable."""
        now = self.clock.now()
        with self.store.within(READ_SECONDS):
            alarms = self.store.alarms.find(AlarmFilter(states=OPEN_STATES))
            cleared = self.store.alarms.find(AlarmFilter(states=("cleared",), changed_since=now - CLEARED_FOR))
            orders = self.store.commands.find(OrderFilter(since=now - ORDERS_FOR), limit=ORDERS)
            refusals = self.store.audit.refusals(REFUSABLE, since=now - ORDERS_FOR, limit=ORDERS)
            locks = self.store.locks.held()
            machines = {machine.device_id: machine for machine in self.machines()}
        with self._lock:
            self._records = _RecordCollector(
                self.clock.monotonic(), locks, (*alarms, *cleared), orders, refusals, machines
            )

    def describe(self) -> Iterator[Metric]:
        """The families, without their series."""
        yield from (_locked(), _alarm_state(), _alarm_opened(), _order(), _refused())

    def collect(self) -> Iterator[Metric]:
        with self._lock:
            records = self._records
        if records is None or self.clock.monotonic() - records.read_at > MAX_AGE_SECONDS:
            return
        locked, states, opened, orders = _locked(), _alarm_state(), _alarm_opened(), _order()
        for device_id in records.locks:
            locked.add_metric(self._labels(device_id, records), 1.0)
        for alarm in records.alarms:
            labels = self._labels(alarm.device_id, records)
            for state in ALARM_STATES:
                states.add_metric([*labels, alarm.rule, state], float(alarm.state == state))
            if alarm.state in OPEN_STATES:
                values = [alarm.rule, alarm.alarm_id, alarm.severity, alarm.state]
                handled_by = alarm.assignee or alarm.acknowledged_by or ""
                opened.add_metric([*labels, *values, handled_by], alarm.opened_at.timestamp())
        for order in records.orders:
            values = [
                order.action,
                order.status,
                order.requested_by,
                _short(order.reason or NO_REASON),
                _short(order.detail),
            ]
            labels = self._labels(order.device_id, records)
            orders.add_metric([*labels, order.command_id, *values], order.requested_at.timestamp())
        yield from (locked, states, opened, orders, self._refusals(records))

    def _refusals(self, records: _RecordCollector) -> GaugeMetricFamily:
        family = _refused()
        for entry in records.refusals:
            refusal = msgspec.json.decode(entry.details, type=RefusedRequest)
            values = [f"{entry.stream}/{entry.number}", refusal.action, entry.subject, _short(refusal.detail)]
            family.add_metric([*self._labels(refusal.device_id, records), *values], entry.at.timestamp())
        return family

    def _labels(self, device_id: str | None, records: _RecordCollector) -> list[str]:
        """Machine, type and line; empty if the rule is not about a machine."""
        if not device_id:
            return ["", "", ""]
        machine = records.machines.get(device_id, MachineState(device_id))
        place = self.plant.place(device_id, machine.device_type, machine.line)
        return [device_id, place.device_type or UNKNOWN, place.line or UNKNOWN]


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


def _locked() -> GaugeMetricFamily:
    return GaugeMetricFamily(
        "energytrack_device_locked", "1 if the device is locked out; absent otherwise.", labels=DEVICE
    )


def _alarm_state() -> GaugeMetricFamily:
    return GaugeMetricFamily(
        "energytrack_device_alarm_state",
        "State of each alarm: 1 for its current state, 0 for the others.",
        labels=(*DEVICE, "alarm", "state"),
    )


def _alarm_opened() -> GaugeMetricFamily:
    return GaugeMetricFamily(
        "energytrack_device_alarm_opened_timestamp_seconds",
        "When each open alarm was opened, with its state and the person who handles it.",
        labels=(*DEVICE, "alarm", "alarm_id", "severity", "state", "handled_by"),
    )


def _order() -> GaugeMetricFamily:
    return GaugeMetricFamily(
        "energytrack_device_order_timestamp_seconds",
        "When each of the newest orders was requested: what, by whom, why, its status and the machine's answer, or why "
        "it was refused.",
        labels=(*DEVICE, "command_id", "action", "status", "ordered_by", "reason", "detail"),
    )


def _refused() -> GaugeMetricFamily:
    return GaugeMetricFamily(
        "energytrack_device_refused_request_timestamp_seconds",
        "When each of the newest requests other than orders was refused: what, by whom, and why.",
        labels=(*DEVICE, "request_id", "action", "ordered_by", "detail"),
    )
