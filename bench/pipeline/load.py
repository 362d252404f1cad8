"""The readings with which every stage is measured: a plant of 300 machines, a second apart."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np

from energytrack.bus import Bus
from energytrack.messages import Reading, encode
from energytrack.topics import READINGS, TOPICS

DEVICES: Final = 300
QUIET: Final[dict[str, str]] = {
    "ENERGYTRACK_SIMULATOR_LATE_SHARE": "0",
    "ENERGYTRACK_SIMULATOR_DUPLICATE_SHARE": "0",
    "ENERGYTRACK_SIMULATOR_OUT_OF_ORDER_SHARE": "0",
    "ENERGYTRACK_SIMULATOR_INTERVAL_SECONDS": "1",
}
"""No late and no repeated readings: every reading that the simulated plant sends must arrive."""


def readings(count: int, *, ending: datetime, seed: int = 1) -> Iterator[Reading]:
    """`count` readings in order of time, one a second from each device, the last at `ending`."""
    rng = np.random.default_rng(seed)
    seconds = -(-count // DEVICES)
    start = ending - timedelta(seconds=seconds)
    noise = rng.normal(0, 1, size=(3, count))
    for i in range(count):
        second, device = divmod(i, DEVICES)
        yield Reading(
            device_id=f"cnc-{device + 1:04d}",
            timestamp=start + timedelta(seconds=second),
            temperature=round(55 + float(noise[0, i]), 2),
            pressure=round(5.3 + 0.1 * float(noise[1, i]), 3),
            current=round(14 + float(noise[2, i]), 2),
            device_type="cnc_machine",
            line="machining-a",
            energy_kwh=round(1000 * device + second * 0.002, 4),
            state="running",
        )


def fill(bus: Bus, count: int) -> None:
    """Create the topics and put `count` readings that end now."""
    bus.create_topics(TOPICS)
    sink = bus.sink()
    for reading in readings(count, ending=datetime.now(UTC)):
        sink.put(READINGS, reading.device_id, encode(reading))
    sink.flush()
    sink.close()
