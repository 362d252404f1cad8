"""What Python needs under libfaketime, read at its start by each process that has this folder in its PYTHONPATH.

With the stopwatch moved as well, a thread that waits for another waits forever; with it left alone (as here),
`time.sleep` is an invalid argument. Waiting on a lock does the same and works.
"""

import threading
import time
from typing import SupportsIndex


def _sleep(seconds: SupportsIndex | float, /) -> None:
    """Wait on a lock that nobody releases."""
    threading.Event().wait(float(seconds))


time.sleep = _sleep
