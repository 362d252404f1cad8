"""A sink that survives outages of any length: unacknowledged messages are kept, and sent again by a new producer.

Client libraries give up a message after a while, and an idempotent producer that has given up a message cannot be used
any more. Therefore every message is kept until it is acknowledged. A flush waits for all of them under one deadline;
after it, the producer is replaced and the remaining messages are sent again in order. Messages that the broker had
written but could not acknowledge are then duplicated: delivery is at least once.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple, Protocol

import structlog

from energytrack.bus import Header, limits
from energytrack.bus.link import LONGEST_PAUSE_SECONDS, ConnectionState
from energytrack.errors import BusUnavailable, DeliveryFailed, StopRequested

log = structlog.get_logger(__name__)

SLICE_SECONDS: Final = 0.5
"""Waits for acknowledgements are split into intervals of this length, to react to SIGTERM in between."""
SILENCE_SECONDS: Final = 5.0
"""A broker that has acknowledged nothing for this long counts as unavailable."""
GRACE_SECONDS: Final = 3.0
"""After SIGTERM, messages in flight have this long to be acknowledged."""
LEAST_CONNECT_SECONDS: Final = 0.1
LOOK_EVERY: Final = 256
"""Acknowledged messages are released after this many puts."""


class Refusal(NamedTuple):
    """Why a message was not accepted."""

    sentence: str
    hopeless: bool
    """The message itself is at fault, or a permission is missing: sending it again would not help."""


class PendingMessage:
    """A message, and the producer that carries it."""

    __slots__ = ("carrier", "headers", "key", "token", "topic", "value")

    def __init__(self, topic: str, key: str, value: bytes, headers: Sequence[Header]) -> None:
        self.topic = topic
        self.key = key
        self.value = value
        self.headers = headers
        self.carrier: Carrier | None = None
        self.token: Any = None
        """The producer's own record of it."""


class ProducerBusy(Exception):
    """A producer cannot accept another message at the moment, or does not know the topic yet."""


class Carrier(Protocol):
    """One producer of a client library; shared by threads, and replaced after it has failed."""

    def send(self, letter: PendingMessage) -> None:
        """Accept a message; raises ProducerBusy after a second at most."""

    def wait(self, seconds: float) -> None:
        """Return when every sent message has an outcome, or after so many seconds."""

    def outcome(self, letter: PendingMessage) -> Refusal | bool:
        """True if a message was acknowledged, False if its outcome is not known yet."""

    def give_up(self) -> None:
        """Stop sending, and release threads and connections; messages in flight fail."""

    def close(self, seconds: float) -> bool:
        """Wait so many seconds for messages in flight, then close; returns whether all of them have an outcome."""


class DeliveringSink:
    """Puts and flushes; each thread waits for, and gets the errors of, its own messages."""

    def __init__(
        self,
        connect: Callable[[float | None], Carrier],
        link: ConnectionState,
        *,
        seconds: float,
        patient: bool,
        stop: threading.Event | None = None,
    ) -> None:
        """`seconds` is the deadline of a flush: after it a patient sink takes a new producer, others fail.

        `connect` creates a producer within the given seconds, or raises BusUnavailable; None means no limit.
        """
        self._connect = connect
        self._link = link
        self._seconds = seconds
        self._patient = patient
        self._stop = stop
        self._carrier: Carrier | None = None
        self._changing = threading.Lock()
        self._own = _ThreadMessages()

    def put(self, topic: str, key: str, value: bytes, headers: Sequence[Header] = ()) -> None:
        """Hand over one message; waits while too many of this thread's messages are unacknowledged."""
        own = self._own
        own.puts += 1
        if own.puts % LOOK_EVERY == 0 or len(own.letters) >= limits.MAX_UNDER_WAY:
            self._settle(own, until=limits.MAX_UNDER_WAY)
        letter = PendingMessage(topic, key, value, headers)
        overtakes = bool(own.letters) and own.letters[-1].carrier is not self._carrier
        own.letters.append(letter)
        deadline = _Deadline(self._seconds)
        if overtakes or not self._send(own, letter, deadline):  # the earlier ones go first
            self._send_again(own, "the producer was replaced", deadline)

    def flush(self) -> None:
        """Return when everything that this thread put is acknowledged; raises DeliveryFailed otherwise.

        A patient sink raises it only for messages that no broker would ever accept, and StopRequested if it is asked to
        stop during an outage. It then drops what it held, because that will be put again.
        """
        own = self._own
        self._settle(own, until=1)
        if own.refused:
            refused, own.refused = own.refused, []
            self._replace(self._carrier)  # an idempotent producer that lost a message rejects all later ones
            raise DeliveryFailed(len(refused), refused[0])

    def close(self) -> None:
        """Wait a few seconds for messages in flight, then close; raises DeliveryFailed if some remain."""
        self._link.close()
        carrier, self._carrier = self._carrier, None
        if carrier is not None and not carrier.close(limits.CLOSE_SECONDS):
            self._own.look()
            raise DeliveryFailed(len(self._own.letters), f"no acknowledgement within {limits.CLOSE_SECONDS} s")

    def _settle(self, own: "_ThreadMessages", *, until: int) -> None:
        """Release acknowledged messages, waiting until fewer than `until` are unacknowledged."""
        deadline = _Deadline(self._seconds)
        while True:
            settled, trouble = own.look()
            if settled:
                self._link.fine()
                if self._patient:
                    deadline = _Deadline(self._seconds)  # there is progress, however slow
            if trouble is None and len(own.letters) < until:
                return
            if trouble is not None or deadline.is_over():
                self._send_again(own, trouble or f"no acknowledgement within {self._seconds:g} s", deadline)
                if deadline.is_over():
                    deadline = _Deadline(self._seconds)
                continue
            self._stop_if_asked(own, "nothing was acknowledged")
            if own.letters[0].carrier is not None:
                own.letters[0].carrier.wait(min(SLICE_SECONDS, max(deadline.left(), 0.01)))
            if deadline.passed() >= SILENCE_SECONDS:
                self._link.broken("nothing was acknowledged", silent_seconds=deadline.passed())

    def _send_again(self, own: "_ThreadMessages", reason: str, deadline: "_Deadline") -> None:
        """Send all unacknowledged messages again in order with another producer; raises DeliveryFailed at the deadline.

        Another thread may have messages in the producer that is discarded: that thread notices, and does the same.
        """
        sent = False
        while not sent:
            if not self._patient and deadline.is_over():
                count = len(own.letters)
                self._drop(own)
                raise DeliveryFailed(count, reason)
            self._replace(own.letters[0].carrier)
            if own.attempts:
                self._pause(own, reason, deadline)
            own.attempts += 1
            log.info("sent again by a new producer", messages=len(own.letters), reason=reason)
            letters, again = list(own.letters), _Deadline(self._seconds) if self._patient else deadline
            try:
                sent = all(self._send(own, letter, again) for letter in letters)
            except BusUnavailable as error:  # only while waiting: it was unavailable before, and still is
                raise DeliveryFailed(len(letters), reason) from error

    def _pause(self, own: "_ThreadMessages", reason: str, deadline: "_Deadline") -> None:
        at_most = LONGEST_PAUSE_SECONDS if self._patient else min(SLICE_SECONDS, max(deadline.left(), 0.0))
        try:
            self._link.wait(reason, at_most=at_most, stop=self._stop if self._patient else None)
        except StopRequested:
            self._drop(own)
            raise

    def _send(self, own: "_ThreadMessages", letter: PendingMessage, deadline: "_Deadline") -> bool:
        """Hand a message to the current producer, retrying; False if it was not accepted in time."""
        while True:
            carrier = letter.carrier = self._carrier or self._connected(own, deadline)
            letter.token = None
            try:
                carrier.send(letter)
            except ProducerBusy as busy:
                self._stop_if_asked(own, str(busy))
                if deadline.passed() >= SILENCE_SECONDS:
                    self._link.broken(str(busy), silent_seconds=deadline.passed())
                if deadline.is_over():
                    return False
            else:
                return True

    def _stop_if_asked(self, own: "_ThreadMessages", detail: str) -> None:
        self._link.beat()
        if self._stop is None or not self._patient or not self._stop.is_set():
            return
        now = time.monotonic()
        own.stop_by = own.stop_by or now + GRACE_SECONDS
        if now >= own.stop_by:
            self._drop(own)
            raise StopRequested(f"no acknowledgement by Kafka at {self._link.servers}: {detail}")

    def _drop(self, own: "_ThreadMessages") -> None:
        """Drop all messages; their owner knows that they failed."""
        own.letters.clear()
        self._replace(self._carrier)

    def _connected(self, own: "_ThreadMessages", deadline: "_Deadline") -> Carrier:
        """The current producer, or a new one; other threads wait while one thread connects."""
        if not self._changing.acquire(timeout=-1 if self._patient else max(deadline.left(), 0.0)):
            own.letters.clear()
            raise BusUnavailable(self._link.servers, "another thread is still connecting")
        try:
            if self._carrier is None:
                self._carrier = self._connect(None if self._patient else max(deadline.left(), LEAST_CONNECT_SECONDS))
        except (BusUnavailable, StopRequested):
            own.letters.clear()
            raise
        else:
            return self._carrier
        finally:
            self._changing.release()

    def _replace(self, failed: Carrier | None) -> None:
        """Discard a producer; the next message starts a new one."""
        with self._changing:
            if failed is None or self._carrier is not failed:
                return
            self._carrier = None
        failed.give_up()


class _Deadline:
    def __init__(self, seconds: float) -> None:
        self._begin = time.monotonic()
        self._seconds = seconds

    def passed(self) -> float:
        return time.monotonic() - self._begin

    def left(self) -> float:
        return self._seconds - self.passed()

    def is_over(self) -> bool:
        return self.left() <= 0.0


class _ThreadMessages(threading.local):
    """The messages of one thread that have no outcome yet, in order, and those that were rejected for good."""

    def __init__(self) -> None:
        self.letters: deque[PendingMessage] = deque()
        self.refused: list[str] = []
        self.puts = 0
        self.attempts = 0
        """How often they were sent again since the last acknowledgement."""
        self.stop_by: float | None = None

    def look(self) -> tuple[bool, str | None]:
        """Release messages with an outcome; returns whether there were any, and why to send the next one again."""
        settled = False
        while self.letters:
            letter = self.letters[0]
            outcome = letter.carrier.outcome(letter) if letter.carrier else Refusal("never sent", hopeless=False)
            if outcome is False:
                break
            if isinstance(outcome, Refusal):
                if not outcome.hopeless:
                    return settled, outcome.sentence
                self.refused.append(f"{letter.topic}: {outcome.sentence}")
            self.letters.popleft()
            self.attempts = 0
            settled = True
        return settled, None
