"""Tokens that were valid lately: enough to read with while the database does not answer in time."""

import threading
from collections import OrderedDict
from typing import Final

from energytrack.clock import Clock
from energytrack.store.operations.tokens import Token

KNOWN_SECONDS: Final = 900.0
MOST_KNOWN: Final = 2_000
SLOW_SECONDS: Final = 1.0
"""After a call in vain, no other caller waits for this long."""


class KnownTokens:
    """Tokens by id; never one that this process revoked, or saw revoked."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._known: OrderedDict[str, tuple[Token | None, float]] = OrderedDict()
        """Each with the moment that it was valid, the longest ago first; None for a revoked one."""
        self._slow_until = float("-inf")

    def get(self, token_id: str) -> Token | None:
        """A token that was valid within the last quarter of an hour."""
        with self._lock:
            token, at = self._known.get(token_id, (None, 0.0))
        return token if self._clock.monotonic() - at <= KNOWN_SECONDS else None

    def remember(self, token: Token) -> None:
        """Note that a token is valid; without effect if it was revoked while somebody looked it up."""
        with self._lock:
            if self._known.get(token.token_id, (token, 0.0))[0] is not None:
                self._put(token.token_id, token)

    def forget(self, token_id: str) -> None:
        """Accept a token no more, also if somebody is looking it up just now: no token becomes valid again."""
        with self._lock:
            self._put(token_id, None)

    def drop(self, token_id: str) -> None:
        """Accept a token no more until it was looked up again."""
        with self._lock:
            self._known.pop(token_id, None)

    def _put(self, token_id: str, token: Token | None) -> None:
        self._known.pop(token_id, None)
        self._known[token_id] = (token, self._clock.monotonic())
        while len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)

    def note_slow(self) -> None:
        """Note that the database has not answered."""
        self._slow_until = self._clock.monotonic() + SLOW_SECONDS

    def is_slow(self) -> bool:
        """Whether the database has not answered a moment ago."""
        return self._clock.monotonic() < self._slow_until
