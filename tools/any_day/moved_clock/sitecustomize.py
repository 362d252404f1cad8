"""A patch that Python needs under libfaketime, loaded by each process that has this folder in its PYTHONPATH.

If the monotonic clock is moved as well, a thread that waits for another waits forever; if it is not (as here),
`time.sleep` fails with an invalid argument. Waiting on a lock does the same and works.
"""

import threading
import time
from typing import SupportsIndex


def _sleep(seconds: SupportsIndex | float, /) -> None:
    """Wait on a lock that nobody releases."""
    threading.Event().wait(float(seconds))


time.sleep = _sleep
