"""A sink that survives outages of any length: unacknowledged messages are kept, and sent again by a new producer.

Client libraries give up a message after a while, and an idempotent producer that has given up a message cannot be used
any more. Therefore every message is kept until it is acknowledged. A flush waits for all of them under one deadline;
after it, the producer is replaced and the remaining messages are sent again in order. Messages that the broker had
written but could not acknowledge are then duplicated: delivery is at least once.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import structlog

from energytrack.bus import Header, limits
from energytrack.bus.carrier import Carrier, PendingMessage, ProducerBusy, Refusal
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
AT_ONCE: Final = 1000
"""How many messages are handed over between two looks for acknowledgements."""


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
        self._put((PendingMessage(topic, key, value, headers),))

    def put_all(self, topic: str, messages: Sequence[tuple[str, bytes]]) -> None:
        """Hand over many messages; waits likewise."""
        for first in range(0, len(messages), AT_ONCE):
            self._put([PendingMessage(topic, key, value) for key, value in messages[first : first + AT_ONCE]])

    def _put(self, messages: Sequence[PendingMessage]) -> None:
        own = self._own
        own.unseen += len(messages)
        if own.unseen >= LOOK_EVERY or len(own.pending) + len(messages) > limits.MAX_UNDER_WAY:
            own.unseen = 0
            self._settle(own, until=max(limits.MAX_UNDER_WAY - len(messages) + 1, 1))
        overtakes = bool(own.pending) and own.pending[-1].carrier is not self._carrier
        own.pending.extend(messages)
        deadline = _Deadline(self._seconds)
        if overtakes or not self._send(own, messages, deadline):  # the earlier ones go first
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
        """Wait a few seconds for messages in flight, then close.

        Raises DeliveryFailed if some remain, or if messages that this thread put failed and no flush has reported it.
        """
        self._link.close()
        carrier, self._carrier = self._carrier, None
        if carrier is None:
            return
        own, closed = self._own, carrier.close(self._own.pending, limits.CLOSE_SECONDS)
        _, trouble = own.look()
        if not closed or own.pending or own.refused:
            late = f"no acknowledgement within {limits.CLOSE_SECONDS} s"
            reason = trouble if closed and trouble else own.refused[0] if closed and own.refused else late
            raise DeliveryFailed(len(own.pending) + len(own.refused), reason)

    def _settle(self, own: "_ThreadMessages", *, until: int) -> None:
        """Release acknowledged messages, waiting until fewer than `until` are unacknowledged."""
        deadline = _Deadline(self._seconds)
        while True:
            settled, trouble = own.look()
            if settled:
                deadline = self._progressed(deadline)
            if trouble is None and len(own.pending) < until:
                return
            if trouble is not None or deadline.is_over():
                self._send_again(own, trouble or f"no acknowledgement within {self._seconds:g} s", deadline)
                if deadline.is_over():
                    deadline = _Deadline(self._seconds)
                continue
            self._stop_if_asked(own, "nothing was acknowledged")
            carrier = own.pending[0].carrier
            if carrier is not None and carrier.wait(own.pending, min(SLICE_SECONDS, max(deadline.left(), 0.01))):
                deadline = self._progressed(deadline)
            if deadline.passed() >= SILENCE_SECONDS:
                self._link.broken("nothing was acknowledged", silent_seconds=deadline.passed())

    def _progressed(self, deadline: "_Deadline") -> "_Deadline":
        """Record that something was acknowledged: a patient sink waits as long again, however slow the progress."""
        self._link.fine()
        return _Deadline(self._seconds) if self._patient else deadline

    def _send_again(self, own: "_ThreadMessages", reason: str, deadline: "_Deadline") -> None:
        """Send all unacknowledged messages again in order with another producer; raises DeliveryFailed at the deadline.

        Another thread may have messages in the producer that is discarded: that thread notices, and does the same.
        """
        sent = False
        while not sent:
            if not self._patient and deadline.is_over():
                count = len(own.pending)
                self._drop(own)
                raise DeliveryFailed(count, reason)
            self._replace(own.pending[0].carrier, own.pending)
            own.look()
            if not own.pending:  # all were acknowledged after all
                return
            if own.attempts:
                self._pause(own, reason, deadline)
            own.attempts += 1
            log.info("sent again by a new producer", messages=len(own.pending), reason=reason)
            messages, again = list(own.pending), _Deadline(self._seconds) if self._patient else deadline
            try:
                sent = self._send(own, messages, again)
            except BusUnavailable as error:  # only while waiting: it was unavailable before, and still is
                raise DeliveryFailed(len(messages), reason) from error

    def _pause(self, own: "_ThreadMessages", reason: str, deadline: "_Deadline") -> None:
        at_most = LONGEST_PAUSE_SECONDS if self._patient else min(SLICE_SECONDS, max(deadline.left(), 0.0))
        try:
            self._link.wait(reason, at_most=at_most, stop=self._stop if self._patient else None)
        except StopRequested:
            self._drop(own)
            raise

    def _send(self, own: "_ThreadMessages", messages: Sequence[PendingMessage], deadline: "_Deadline") -> bool:
        """Hand messages to the current producer, retrying; False if one was not accepted in time."""
        while messages:
            carrier = self._carrier or self._connected(own, deadline)
            try:
                carrier.send(messages)
            except ProducerBusy as busy:
                messages = messages[busy.accepted :]
                self._stop_if_asked(own, str(busy))
                if deadline.passed() >= SILENCE_SECONDS:
                    self._link.broken(str(busy), silent_seconds=deadline.passed())
                if deadline.is_over():
                    return False
            else:
                return True
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
        """Drop all messages; their owner knows that they have failed."""
        own.pending.clear()
        self._replace(self._carrier)

    def _connected(self, own: "_ThreadMessages", deadline: "_Deadline") -> Carrier:
        """The current producer, or a new one; other threads wait while one thread connects."""
        if not self._changing.acquire(timeout=-1 if self._patient else max(deadline.left(), 0.0)):
            own.pending.clear()
            raise BusUnavailable(self._link.servers, "another thread is still connecting")
        try:
            if self._carrier is None:
                self._carrier = self._connect(None if self._patient else max(deadline.left(), LEAST_CONNECT_SECONDS))
        except (BusUnavailable, StopRequested):
            own.pending.clear()
            raise
        else:
            return self._carrier
        finally:
            self._changing.release()

    def _replace(self, failed: Carrier | None, messages: Iterable[PendingMessage] = ()) -> None:
        """Discard a producer; the next message starts a new one."""
        with self._changing:
            if failed is None or self._carrier is not failed:
                return
            self._carrier = None
        failed.give_up(messages)


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
    """The messages of one thread that have no outcome yet, in order, and those that were rejected permanently."""

    def __init__(self) -> None:
        self.pending: deque[PendingMessage] = deque()
        self.refused: list[str] = []
        self.unseen = 0
        """Puts since the last look."""
        self.attempts = 0
        """How often they were sent again since the last acknowledgement."""
        self.stop_by: float | None = None

    def look(self) -> tuple[bool, str | None]:
        """Release messages with an outcome; returns whether there were any, and why to send the next one again."""
        settled = False
        while self.pending:
            message = self.pending[0]
            if message.token is True:
                outcome: Refusal | bool = True
            else:
                outcome = message.carrier.outcome(message) if message.carrier else Refusal("never sent", hopeless=False)
            if outcome is False:
                break
            if isinstance(outcome, Refusal):
                if not outcome.hopeless:
                    return settled, outcome.sentence
                self.refused.append(f"{message.topic}: {outcome.sentence}")
            self.pending.popleft()
            self.attempts = 0
            settled = True
        return settled, None
