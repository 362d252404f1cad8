"""How long a test waits: a limit should end what hangs, not measure how busy the machine is."""

import os


def seconds_here(seconds: float) -> float:
    """The longest time that something may take now, if it takes `seconds` at most on an idle machine."""
    return seconds * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def milliseconds_here(seconds: float) -> float:
    """The same in milliseconds, for browsers."""
    return 1000 * seconds_here(seconds)
