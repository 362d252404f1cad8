"""How a member of librdkafka leaves its group: within seconds, whatever the group is doing at that moment."""

import threading
import time
from contextlib import suppress
from typing import Any, Final

import structlog
from confluent_kafka import KafkaException

log = structlog.get_logger(__name__)

_GIVE_BACK_SECONDS: Final = 2.0
"""How long a member waits for the confirmation that its partitions were revoked."""
_CLOSE_SECONDS: Final = 10.0
"""How long the library may take to end; a service ends without it then."""
_LISTEN_SECONDS: Final = 0.005
"""Callbacks run while the consumer polls for messages, for this long at a time."""


def leave(consumer: Any) -> None:
    """Leave the group, so that the others need not wait for the session timeout.

    The library calls back meanwhile: a rebalance may have begun, and in any case the partitions are revoked. A commit
    from such a callback, beside a group that is being torn down, never returns or aborts the process
    (https://github.com/confluentinc/librdkafka/issues/4792).
    """
    _give_back(consumer)
    closing = threading.Thread(target=consumer.close, name="close", daemon=True)
    closing.start()
    closing.join(_CLOSE_SECONDS)
    if closing.is_alive():
        log.warning("the Kafka library does not end; the group waits for its session to expire")


def _give_back(consumer: Any) -> None:
    """Give the partitions back and await the confirmation before the library closes: a rebalance may block it."""
    with suppress(KafkaException, RuntimeError):
        consumer.unsubscribe()
        deadline = time.monotonic() + _GIVE_BACK_SECONDS
        while consumer.assignment() and time.monotonic() < deadline:
            consumer.consume(1, _LISTEN_SECONDS)
        consumer.consume(1, _LISTEN_SECONDS)
