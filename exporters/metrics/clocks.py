"""Machines whose readings are refused because their clock is ahead, and by how much."""

import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final

from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from energytrack.clock import Clock
from energytrack.errors import ClockAhead, MalformedMessage
from exporters.machines.fleet import RetentionPeriods
from exporters.machines.state import DeviceLabels
from exporters.metrics.families import Family, filled, gauge

CLOCK_AHEAD: Final = gauge(
    "clock_ahead_seconds",
    "How far the device's clock is ahead, if its readings are refused because of it; absent for all other devices.",
)
CLOCKS: Final[tuple[Family, ...]] = (CLOCK_AHEAD,)
MOST_CLOCKS: Final = 1000
"""Machines with wrong clocks that are named; more are invented, or have the same cause."""


class ClocksCollector(Collector):
    """One thread records refused and accepted readings; any thread scrapes."""

    def __init__(self, identity: Callable[[str], DeviceLabels], patience: RetentionPeriods, clock: Clock) -> None:
        self._identity = identity
        self._patience = patience
        self._clock = clock
        self._ahead: dict[str, tuple[float, datetime]] = {}
        self._lock = threading.Lock()

    def refused(self, malformed: MalformedMessage) -> None:
        """Record a message that was sent to the dead letters."""
        if isinstance(malformed, ClockAhead):
            with self._lock:
                if malformed.device_id in self._ahead or len(self._ahead) < MOST_CLOCKS:
                    self._ahead[malformed.device_id] = (malformed.ahead_seconds, self._clock.now())

    def taken(self, device_id: str) -> None:
        """Record an accepted reading: the machine's clock is right again."""
        if device_id in self._ahead:
            with self._lock:
                self._ahead.pop(device_id, None)

    def collect(self) -> Iterator[Metric]:
        """The machines that had a reading refused recently (within the expiry of silent machines)."""
        since = self._clock.now() - self._patience.gone
        with self._lock:
            self._ahead = {name: noted for name, noted in self._ahead.items() if noted[1] >= since}
            ahead = dict(self._ahead)
        samples: dict[tuple[str, ...], float] = {}
        for name, (seconds, _) in ahead.items():
            identity = self._identity(name)
            samples[name, identity.device_type, identity.line] = seconds
        yield filled(CLOCK_AHEAD, samples)
