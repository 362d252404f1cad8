"""How long a test waits: a limit is there to end what hangs, not to measure what else runs on the machine."""

import os


def seconds_here(seconds: float) -> float:
    """How long something may take at this moment that takes so long at most on a machine with nothing else to do."""
    return seconds * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def milliseconds_here(seconds: float) -> float:
    """The same in milliseconds, as a browser counts."""
    return 1000 * seconds_here(seconds)
