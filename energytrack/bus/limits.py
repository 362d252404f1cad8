"""Sizes and times that hold for every Kafka client, so that all services answer to trouble in the same way."""

from typing import Final

SESSION_SECONDS: Final = 10
"""A member that was killed is noticed after this long, and its partitions go to others."""
HEARTBEAT_SECONDS: Final = 3
MAX_POLL_SECONDS: Final = 15 * 60
"""A member may work on one batch for this long: a database that is away for minutes costs nobody their partitions."""
REQUEST_SECONDS: Final = 30
"""One attempt to hand a message to the broker may take this long."""
BLOCK_SECONDS: Final = 1
"""For so long a client may hold whoever hands it a message, before that one looks around again."""
COMMIT_SECONDS: Final = 5
"""A commit that is not answered by then is left to the next one."""
CLOSE_SECONDS: Final = 5
PING_SECONDS: Final = 5
RECONNECT_SECONDS: Final = 2
"""The longest pause between two attempts to reach a broker that went away."""
SILENT_SECONDS: Final = 10
"""A broker that a member of a group has not heard for this long counts as away; heartbeats come oftener."""
LOOK_SECONDS: Final = 2
"""A member that takes nothing asks so often whether the broker is heard."""
IDLE_FETCH_SECONDS: Final = 0.5
"""How long the broker holds a fetch that does not linger, for want of a first message."""
CONNECT_SECONDS: Final = 2
"""How long one attempt to connect may take; SIGTERM is noticed between attempts."""
METADATA_SECONDS: Final = 30
"""New topics, and new partitions of known ones, are noticed after this long."""
MAX_REQUEST_BYTES: Final = 2_000_000
MAX_UNDER_WAY: Final = 20_000
"""Messages that one thread may have handed over and not yet acknowledged; `put` waits beyond (back-pressure)."""
FETCH_BYTES: Final = 16_000_000
"""What one fetch may bring: the bound of a consumer's memory."""
MAX_UNPACKED_BYTES: Final = 32_000_000
"""What one packed batch may hold: thirty times the largest batch that the broker takes, and a small part of the memory
that a container gets (compose.yaml). Readings shrink to a tenth; what holds more is meant to fill memory."""
FULL_FETCH_BYTES: Final = 256_000
"""A fetch that holds this much does not linger for more."""
SINK_LINGER_SECONDS: Final = 0.01
SINK_BATCH_BYTES: Final = 128_000
