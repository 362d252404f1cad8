"""Chance as a function of seed, stream and time: whoever asks again for the same moment gets the same numbers.

A counter-based generator (Philox) needs no state between ticks, so a plant that is stopped and resumed, or whose ticks
are computed a second time after a crash, goes exactly as it went before; and what befalls one machine leaves the noise
of all others as it was.
"""

from typing import Final

import numpy as np
from numpy.random import Generator, Philox

FLEET: Final = 1
"""How machines of one type differ."""
TICK: Final = 2
"""Noise, jobs and hazards of all machines at one tick."""
MACHINE: Final = 3
"""What rarely happens to one machine: a repair, which code it shows."""
TRANSPORT: Final = 4
"""What the network does to messages."""


def generator(seed: int, stream: int, *, at_ms: int = 0, device: int = 0) -> Generator:
    """A generator of its own for each (seed, stream, moment, device)."""
    key = np.array([seed, stream], dtype=np.uint64)
    counter = np.array([0, at_ms, device, 0], dtype=np.uint64)
    return Generator(Philox(key=key, counter=counter))
