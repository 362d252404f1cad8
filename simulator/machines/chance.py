"""Randomness as a function of seed, stream and time: the same moment always gives the same numbers.

A counter-based generator (Philox) needs no state between ticks. A plant that is stopped and resumed, or whose ticks are
computed again after a crash, therefore repeats exactly; and events of one machine do not change the noise of others.
"""

from typing import Final

import numpy as np
from numpy.random import Generator, Philox

FLEET: Final = 1
"""How machines of one type differ."""
TICK: Final = 2
"""Noise, jobs and hazards of all machines at one tick."""
MACHINE: Final = 3
"""Rare events of one machine: a repair, the code that it shows."""
TRANSPORT: Final = 4
"""Effects of the network on messages."""
OUTPUT: Final = 5
"""Cycles and spoiled parts of all machines at one tick."""
LOTS: Final = 6
"""Which lots are reported before anybody looked for rejected parts."""


def generator(seed: int, stream: int, *, at_ms: int = 0, device: int = 0) -> Generator:
    """A generator of its own for each (seed, stream, moment, device)."""
    key = np.array([seed, stream], dtype=np.uint64)
    counter = np.array([0, at_ms, device, 0], dtype=np.uint64)
    return Generator(Philox(key=key, counter=counter))
