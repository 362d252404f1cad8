"""A sink that outlasts an outage of any length: what was not acknowledged is kept, and sent again by a fresh producer.

Client libraries give a message up after a while, and an idempotent producer that gave one up is worth nothing any
more. So every message is held until its acknowledgement; whoever flushes waits for all of them under one deadline,
after which the producer is replaced and the rest is sent again, in its order. What the broker had written without
being able to say so is then there twice: delivery is at least once.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple, Protocol

import structlog

from energytrack.bus import Header, limits
from energytrack.bus.link import LONGEST_PAUSE_SECONDS, Link
from energytrack.errors import BusUnavailable, DeliveryFailed, StopRequested

log = structlog.get_logger(__name__)

SLICE_SECONDS: Final = 0.5
"""A wait for acknowledgements is cut into such pieces, between which SIGTERM is noticed."""
SILENCE_SECONDS: Final = 5.0
"""A broker that acknowledged nothing for so long counts as away."""
GRACE_SECONDS: Final = 3.0
"""After SIGTERM what is under way still has this long to be acknowledged."""
LEAST_CONNECT_SECONDS: Final = 0.1
LOOK_EVERY: Final = 256
"""Messages that were acknowledged are let go of after so many puts."""


class Refusal(NamedTuple):
    """Why a message was not taken."""

    sentence: str
    hopeless: bool
    """The message itself is to blame, or a right is missing: sending it again changes nothing."""


class Letter:
    """A message, and who carries it."""

    __slots__ = ("carrier", "headers", "key", "token", "topic", "value")

    def __init__(self, topic: str, key: str, value: bytes, headers: Sequence[Header]) -> None:
        self.topic = topic
        self.key = key
        self.value = value
        self.headers = headers
        self.carrier: Carrier | None = None
        self.token: Any = None
        """The carrier's own note on it."""


class Busy(Exception):
    """A carrier has no room for another message at this moment, or does not know the topic yet."""


class Carrier(Protocol):
    """One producer of a client library; shared by threads, and replaced when it has given up."""

    def send(self, letter: Letter) -> None:
        """Take a message over; raises Busy after a second at most."""

    def wait(self, seconds: float) -> None:
        """Return when all that was sent is answered for, or after so many seconds."""

    def outcome(self, letter: Letter) -> Refusal | bool:
        """True where a message was acknowledged, False where nothing is known yet."""

    def give_up(self) -> None:
        """Send nothing more, and let go of threads and connections; what is under way is refused."""

    def close(self, seconds: float) -> bool:
        """Give what is under way so many seconds, then let go; whether all of it was answered for."""


class DeliveringSink:
    """Puts and flushes; each thread waits for, and hears of, the messages that it put itself."""

    def __init__(
        self,
        connect: Callable[[float | None], Carrier],
        link: Link,
        *,
        seconds: float,
        patient: bool,
        stop: threading.Event | None = None,
    ) -> None:
        """`seconds` is the deadline of a flush: after it a patient sink begins anew, another one gives up.

        `connect` makes a producer within the seconds that it is given, or raises BusUnavailable; None is for ever.
        """
        self._connect = connect
        self._link = link
        self._seconds = seconds
        self._patient = patient
        self._stop = stop
        self._carrier: Carrier | None = None
        self._changing = threading.Lock()
        self._own = _Own()

    def put(self, topic: str, key: str, value: bytes, headers: Sequence[Header] = ()) -> None:
        """Hand over one message; waits while too many of this thread's are under way."""
        own = self._own
        own.puts += 1
        if own.puts % LOOK_EVERY == 0 or len(own.letters) >= limits.MAX_UNDER_WAY:
            self._settle(own, until=limits.MAX_UNDER_WAY)
        letter = Letter(topic, key, value, headers)
        overtakes = bool(own.letters) and own.letters[-1].carrier is not self._carrier
        own.letters.append(letter)
        deadline = _Deadline(self._seconds)
        if overtakes or not self._send(own, letter, deadline):  # the earlier ones go first
            self._send_again(own, "the producer was replaced", deadline)

    def flush(self) -> None:
        """Return when everything that this thread put is acknowledged; raises DeliveryFailed otherwise.

        A patient sink raises it only for messages that no broker would ever take, and StopRequested where it is asked
        to stop while nobody acknowledges; what it held is then let go of, because it will be put again.
        """
        own = self._own
        self._settle(own, until=1)
        if own.refused:
            refused, own.refused = own.refused, []
            self._replace(self._carrier)  # an idempotent producer that lost a message refuses all later ones
            raise DeliveryFailed(len(refused), refused[0])

    def close(self) -> None:
        """Give what is under way a few seconds, then let go; raises DeliveryFailed where they were not enough."""
        self._link.close()
        carrier, self._carrier = self._carrier, None
        if carrier is not None and not carrier.close(limits.CLOSE_SECONDS):
            self._own.look()
            raise DeliveryFailed(len(self._own.letters), f"no acknowledgement within {limits.CLOSE_SECONDS} s")

    def _settle(self, own: "_Own", *, until: int) -> None:
        """Let go of what is acknowledged, waiting until fewer than `until` messages are under way."""
        deadline = _Deadline(self._seconds)
        while True:
            settled, trouble = own.look()
            if settled:
                self._link.fine()
                if self._patient:
                    deadline = _Deadline(self._seconds)  # it goes on, however slowly
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

    def _send_again(self, own: "_Own", reason: str, deadline: "_Deadline") -> None:
        """Send all that is not acknowledged by another producer, in its order; raises DeliveryFailed for want of time.

        Another thread's messages may be under way by the one that is given up: that thread notices, and does the same.
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
            except BusUnavailable as error:  # only where somebody waits: it was away before, and is
                raise DeliveryFailed(len(letters), reason) from error

    def _pause(self, own: "_Own", reason: str, deadline: "_Deadline") -> None:
        at_most = LONGEST_PAUSE_SECONDS if self._patient else min(SLICE_SECONDS, max(deadline.left(), 0.0))
        try:
            self._link.wait(reason, at_most=at_most, stop=self._stop if self._patient else None)
        except StopRequested:
            self._drop(own)
            raise

    def _send(self, own: "_Own", letter: Letter, deadline: "_Deadline") -> bool:
        """Hand a message to the present producer, as often as it takes; False where it had no room in time."""
        while True:
            carrier = letter.carrier = self._carrier or self._connected(own, deadline)
            letter.token = None
            try:
                carrier.send(letter)
            except Busy as busy:
                self._stop_if_asked(own, str(busy))
                if deadline.passed() >= SILENCE_SECONDS:
                    self._link.broken(str(busy), silent_seconds=deadline.passed())
                if deadline.is_over():
                    return False
            else:
                return True

    def _stop_if_asked(self, own: "_Own", detail: str) -> None:
        self._link.beat()
        if self._stop is None or not self._patient or not self._stop.is_set():
            return
        now = time.monotonic()
        own.stop_by = own.stop_by or now + GRACE_SECONDS
        if now >= own.stop_by:
            self._drop(own)
            raise StopRequested(f"no acknowledgement by Kafka at {self._link.servers}: {detail}")

    def _drop(self, own: "_Own") -> None:
        """Let go of everything; whoever put it knows."""
        own.letters.clear()
        self._replace(self._carrier)

    def _connected(self, own: "_Own", deadline: "_Deadline") -> Carrier:
        """The present producer, or a new one; other threads wait for the one that connects."""
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
        """Give a producer up; the next message begins with a new one."""
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


class _Own(threading.local):
    """What one thread handed over and has not yet heard of, in its order, and what was refused of it for good."""

    def __init__(self) -> None:
        self.letters: deque[Letter] = deque()
        self.refused: list[str] = []
        self.puts = 0
        self.attempts = 0
        """How often they were sent again since the last acknowledgement."""
        self.stop_by: float | None = None

    def look(self) -> tuple[bool, str | None]:
        """Let go of what was answered; whether there was any of it, and why the next one has to be sent again."""
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
