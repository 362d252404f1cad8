"""Faults, and a random plan of them, with a seed, so that a campaign can be repeated."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

How = Literal["killed", "frozen", "slowed", "restarted"]
SUPERVISOR: Final = "supervisord"
SERVERS: Final = ("kafka", "mongo")
CONSUMERS: Final = ("historian", "exporters", "ml_consumer")
SHARES: Final[Mapping[How, float]] = {"killed": 0.7, "frozen": 0.1, "slowed": 0.15, "restarted": 0.05}
FROZEN_SECONDS: Final = (3.0, 10.0)
"""The shortest and longest time that a process is stopped."""


@dataclass(frozen=True)
class Fault:
    """A fault of a process."""

    which: str
    how: How
    seconds: float = 0.0
    """How long it is stopped, if it is."""

    def __str__(self) -> str:
        return f"{self.which} {self.how}" + (f" for {self.seconds:.0f} s" if self.seconds else "")


def planned(services: tuple[str, ...], count: int, rng: random.Random) -> Iterator[Fault]:
    """A sequence of faults: SIGKILL of any process, SIGSTOP of servers and consumers, a restart of the broker."""
    for _ in range(count):
        (how,) = rng.choices(list(SHARES), list(SHARES.values()))
        match how:
            case "killed":
                yield Fault(rng.choice((*services, SUPERVISOR)), how)
            case "frozen":
                yield Fault(rng.choice(SERVERS), how, rng.uniform(*FROZEN_SECONDS))
            case "slowed":
                yield Fault(rng.choice(CONSUMERS), how, rng.uniform(*FROZEN_SECONDS))
            case "restarted":
                yield Fault("kafka", how)
