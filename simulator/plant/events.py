"""Events with ids derived from their content: computing a tick twice publishes the same events twice."""

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Final, NamedTuple, TypedDict

from numpy.random import Generator
from ulid import ULID

from energytrack.fields import STATES
from energytrack.plant import Device
from simulator.machines.chance import MACHINE, generator

RUNNING: Final = STATES.index("running")
IDLE: Final = STATES.index("idle")
STOPPED: Final = STATES.index("stopped")
FAILED: Final = STATES.index("failed")
MAINTENANCE: Final = STATES.index("maintenance")


class EventContext(NamedTuple):
    """A moment in a plant: what events of that moment share, and each machine's own randomness."""

    seed: int
    at_ms: int
    devices: Sequence[Device]

    def head(self, device: int, *what: str) -> "EventHeader":
        """The id, device and time of an event; `what` distinguishes it from others of the same moment."""
        device_id = self.devices[device].device_id
        return {
            "event_id": event_id(self.at_ms, str(self.seed), device_id, *what),
            "device_id": device_id,
            "timestamp": moment(self.at_ms),
        }

    def chance(self, device: int) -> Generator:
        """The generator for rare events of one machine."""
        return generator(self.seed, MACHINE, at_ms=self.at_ms, device=device)


class EventHeader(TypedDict):
    """Fields of every event."""

    event_id: str
    device_id: str
    timestamp: datetime


def event_id(at_ms: int, *what: str) -> str:
    """A ULID with a hash in place of randomness."""
    digest = blake2b("\0".join(what).encode(), digest_size=10).digest()
    return str(ULID(at_ms.to_bytes(6, "big") + digest))


def moment(at_ms: int) -> datetime:
    """Milliseconds since the epoch as an aware time."""
    return datetime.fromtimestamp(at_ms / 1000.0, UTC)


def milliseconds(at: datetime) -> int:
    """An aware time as milliseconds since the epoch."""
    return round(at.timestamp() * 1000.0)
