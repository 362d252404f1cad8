"""Reads insights to measure how long each reading took to become one."""

import threading
from datetime import UTC, datetime
from typing import Final

import numpy as np

from energytrack.bus import Bus
from energytrack.decoding.parsing import parse_insight
from energytrack.topics import INSIGHTS

SAMPLE: Final = 10
"""One insight in this many is parsed, so that listening stays cheap."""


class LatencySampler:
    """A separate consumer that notes, for a sample of insights, now minus the reading's timestamp."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._stop = threading.Event()
        self._seconds: list[float] = []
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def start(self) -> None:
        """Begin to listen to new insights."""
        self._thread.start()

    def stop(self) -> "np.typing.NDArray[np.float64]":
        """The latencies in seconds, in the order in which the insights arrived."""
        self._stop.set()
        self._thread.join(30)
        return np.array(self._seconds)

    def _listen(self) -> None:
        source = self._bus.source("bench-tap", [INSIGHTS], start="latest", linger=0.0)

        while not self._stop.is_set():
            records = source.take(5000, 0.5)
            now = datetime.now(UTC)
            for record in records:
                if record.offset % SAMPLE == 0:
                    insight = parse_insight(record.value, now)
                    self._seconds.append((now - insight.timestamp).total_seconds())
        source.close()
