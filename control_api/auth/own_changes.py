"""When each caller last changed something: they never see an answer from before that.

Only their own changes count. Alertmanager's notifications are changes too, several a minute in a busy plant: if those
of anybody counted, there would be nothing left to show. Others see how old an answer is.
"""

import threading
from collections import OrderedDict
from typing import Final

from energytrack.clock import Clock

MOST_CALLERS: Final = 2_000


class OwnChanges:
    """The last successful change of each caller at this replica, by subject."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._changed: OrderedDict[str, float] = OrderedDict()

    def note(self, subject: str) -> None:
        """A change of this caller succeeded just now."""
        with self._lock:
            self._changed.pop(subject, None)
            self._changed[subject] = self._clock.monotonic()
            while len(self._changed) > MOST_CALLERS:
                self._changed.popitem(last=False)

    def is_seen(self, subject: str, at: float) -> bool:
        """Whether what was read at a moment (monotonic, in seconds) contains this caller's changes."""
        with self._lock:
            return self._changed.get(subject, at) <= at
