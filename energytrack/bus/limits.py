"""Sizes and times for every Kafka client, so that all services react to failures in the same way."""

from typing import Final

SESSION_SECONDS: Final = 10
"""A killed member is detected after this long, and its partitions are reassigned."""
HEARTBEAT_SECONDS: Final = 3
MAX_POLL_SECONDS: Final = 15 * 60
"""A member may work on one batch for this long: a database outage of minutes does not cost it its partitions."""
REQUEST_SECONDS: Final = 30
"""Maximum time of one attempt to hand a message to the broker."""
BLOCK_SECONDS: Final = 1
"""Maximum time that a client may block its caller with one message before the caller checks for SIGTERM."""
COMMIT_SECONDS: Final = 5
"""A commit that is not answered by then is left to the next one."""
CLOSE_SECONDS: Final = 5
PING_SECONDS: Final = 5
RECONNECT_SECONDS: Final = 2
"""The longest pause between two attempts to reach an unavailable broker."""
SILENT_SECONDS: Final = 10
"""A broker that has not answered a member of a group for this long counts as unavailable; heartbeats are more frequent.
"""
LOOK_SECONDS: Final = 2
"""How often a member that receives nothing checks whether the broker answers."""
SILENT_CONNECTION_SECONDS: Final = 40
"""How long a connection for a few questions may be silent; longer than the library waits for an answer (30)."""
IDLE_FETCH_SECONDS: Final = 0.5
"""How long the broker holds a fetch that does not linger, while there are no messages."""
CONNECT_SECONDS: Final = 2
"""Maximum time of one attempt to connect; SIGTERM is noticed between attempts."""
METADATA_SECONDS: Final = 30
"""New topics, and new partitions of known ones, are discovered after this long."""
MAX_REQUEST_BYTES: Final = 2_000_000
MAX_UNDER_WAY: Final = 20_000
"""Maximum number of unacknowledged messages of one thread; beyond it, `put` waits (back-pressure)."""
FETCH_BYTES: Final = 16_000_000
"""Maximum size of one fetch: it limits a consumer's memory."""
MAX_UNPACKED_BYTES: Final = 32_000_000
"""Maximum size of one decompressed batch: thirty times the largest batch that the broker accepts, and a small part of a
container's memory (compose.yaml). Readings compress to a tenth; a batch that exceeds this is an attempt to fill memory.
"""
FULL_FETCH_BYTES: Final = 256_000
"""A fetch of this size does not linger for more."""
SINK_LINGER_SECONDS: Final = 0.01
SINK_BATCH_BYTES: Final = 128_000
