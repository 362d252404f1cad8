"""Locks and alarms on /metrics, as they are on file at the scrape."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from energytrack.clock import Clock
from energytrack.errors import StoreUnavailable
from energytrack.plant import Plant
from energytrack.store import Store
from energytrack.store.operations.alarms import ALARM_STATES, AlarmFilter

log = structlog.get_logger(__name__)

DEVICE: Final = ("device_id", "device_type", "line")
CLEARED_FOR: Final = timedelta(hours=24)
"""A cleared alarm is still shown for so long."""
SECONDS: Final = 3.0


@dataclass(frozen=True)
class LockAndAlarmMetricsCollector(Collector):
    """Reads the store at each scrape; while the database is away these series are absent, not wrong."""

    store: Store
    plant: Plant
    clock: Clock

    def describe(self) -> Iterator[Metric]:
        """The families, without asking the store."""
        yield self._locked()
        yield self._alarm_state()

    def collect(self) -> Iterator[Metric]:
        """The families as they are now."""
        locked, states = self._locked(), self._alarm_state()
        try:
            with self.store.within(SECONDS):
                locks = self.store.locks.held()
                alarms = self.store.alarms.find(AlarmFilter(states=("active", "acknowledged", "snoozed")))
                cleared = self.store.alarms.find(
                    AlarmFilter(states=("cleared",), changed_since=self.clock.now() - CLEARED_FOR)
                )
        except StoreUnavailable as error:
            log.debug("no locks and alarms at this scrape", error=str(error))
            return
        for device_id in locks:
            locked.add_metric(self._labels(device_id), 1.0)
        for alarm in (*alarms, *cleared):
            labels = self._labels(alarm.device_id or "")
            for state in ALARM_STATES:
                states.add_metric([*labels, alarm.rule, state], float(alarm.state == state))
        yield locked
        yield states

    def _labels(self, device_id: str) -> list[str]:
        device = self.plant.device(device_id)
        return [device_id, "", ""] if device is None else [device_id, device.device_type, device.line]

    def _locked(self) -> GaugeMetricFamily:
        return GaugeMetricFamily(
            "energytrack_device_locked", "Whether the device is locked out; absent where it is not.", labels=DEVICE
        )

    def _alarm_state(self) -> GaugeMetricFamily:
        return GaugeMetricFamily(
            "energytrack_device_alarm_state",
            "State of each alarm: 1 for the state that it is in.",
            labels=(*DEVICE, "alarm", "state"),
        )
