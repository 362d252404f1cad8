"""The API's own metrics: requests by route, and the stored locks and alarms at the time of the scrape."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import flask
import structlog
from flask import Flask, Response
from prometheus_client import CollectorRegistry, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from energytrack.clock import Clock
from energytrack.errors import StoreUnavailable
from energytrack.plant import Plant
from energytrack.store import Store
from energytrack.store.operations.alarms import ALARM_STATES, AlarmFilter

log = structlog.get_logger(__name__)

REQUEST_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
UNKNOWN_ROUTE: Final = "unknown"
DEVICE: Final = ("device_id", "device_type", "line")
CLEARED_FOR: Final = timedelta(hours=24)
"""How long a cleared alarm is still exported."""
SCRAPE_SECONDS: Final = 3.0
"""How long a scrape waits for the database."""


def count_requests(app: Flask, registry: CollectorRegistry, clock: Clock) -> None:
    """Time every request of an application by method, route and status."""
    duration = Histogram(
        "energytrack_control_api_request_duration_seconds",
        "Time that the control API took to answer a request.",
        ["method", "route", "status"],
        registry=registry,
        buckets=REQUEST_SECONDS,
    )

    @app.before_request
    def start() -> None:
        flask.g.started = clock.monotonic()

    @app.after_request
    def stop(response: Response) -> Response:
        rule = flask.request.url_rule
        route = UNKNOWN_ROUTE if rule is None else rule.rule
        method = flask.request.method if rule is not None else "ANY"
        started = flask.g.get("started", clock.monotonic())
        duration.labels(method, route, str(response.status_code)).observe(clock.monotonic() - started)
        return response


@dataclass(frozen=True)
class LockAndAlarmMetricsCollector(Collector):
    """Reads the store at each scrape; while the database is unavailable these series are absent, not wrong."""

    store: Store
    plant: Plant
    clock: Clock

    def describe(self) -> Iterator[Metric]:
        """The families, without reading the store."""
        yield self._locked()
        yield self._alarm_state()

    def collect(self) -> Iterator[Metric]:
        locked, states = self._locked(), self._alarm_state()
        try:
            with self.store.within(SCRAPE_SECONDS):
                locks = self.store.locks.held()
                alarms = self.store.alarms.find(AlarmFilter(states=("active", "acknowledged", "snoozed")))
                cleared = self.store.alarms.find(
                    AlarmFilter(states=("cleared",), changed_since=self.clock.now() - CLEARED_FOR)
                )
        except StoreUnavailable as error:
            log.debug("no metrics of locks and alarms at this scrape", error=str(error))
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
            "energytrack_device_locked", "1 if the device is locked out; absent otherwise.", labels=DEVICE
        )

    def _alarm_state(self) -> GaugeMetricFamily:
        return GaugeMetricFamily(
            "energytrack_device_alarm_state",
            "State of each alarm: 1 for its current state, 0 for the others.",
            labels=(*DEVICE, "alarm", "state"),
        )
