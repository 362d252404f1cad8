"""Hundreds of live clients in a separate process: `python -m bench.api.watchers URL CLIENTS SECONDS < token`.

Each watches the whole fleet over a compressed WebSocket, as a browser does. A line on standard output reports that all
are connected; a second one, after SECONDS, what they received.
"""

import asyncio
import sys
import time
from collections.abc import Mapping
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from testkit.clients.live import RECEIVE_BYTES, Conversation

EVERY = 15
"""One in this many machines of a message is timed."""
AT_ONCE = 10
"""Connections that are opened at the same time."""


class ReceivedUpdates(Struct):
    """What clients received during the measurement."""

    messages: int = 0
    updates: int = 0
    payload_bytes: int = 0
    """Bytes on the wire, compressed."""
    lost: int = 0
    """Clients that were cut off."""
    delays: list[float] = []
    """Seconds from a reading's timestamp to its arrival."""


class WatchersState:
    """The clients' common state."""

    def __init__(self) -> None:
        self.seen = ReceivedUpdates()
        self.running = False

    def hear(self, name: str, message: list[list[object]]) -> None:
        """Count a received message."""
        if name != "devices" or not self.running:
            return
        now = time.time()
        self.seen.messages += 1
        self.seen.updates += len(message)
        self.seen.delays += [now - at for device in message[::EVERY] if isinstance(at := device[1], float)]


async def follow(watch: WatchersState, url: str, headers: Mapping[str, str], connected: asyncio.Event) -> None:
    """Run one client, until it is cancelled or cut off."""
    address = urlsplit(url)
    talk = Conversation(address.netloc, headers)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(talk.outgoing)
    talk.outgoing = b""
    while data := await reader.read(RECEIVE_BYTES):
        if watch.running:
            watch.seen.payload_bytes += len(data)
        for name, message in talk.receive(data):
            if name == "connect":
                talk.emit("watch", ["fleet"])
            elif name == "schedules":
                connected.set()
            else:
                watch.hear(name, message)
        if talk.outgoing:
            writer.write(talk.outgoing)
            talk.outgoing = b""
    watch.seen.lost += 1


async def main(url: str, clients: int, seconds: float, token: str) -> None:
    """Connect, report that, watch, and report the results."""
    watch, gate = WatchersState(), asyncio.Semaphore(AT_ONCE)
    headers = {"Authorization": f"Bearer {token}"}
    tasks: list[asyncio.Task[None]] = []

    async def join() -> None:
        connected = asyncio.Event()
        async with gate:
            tasks.append(asyncio.create_task(follow(watch, url, headers, connected)))
            await connected.wait()

    async with asyncio.timeout(60):
        await asyncio.gather(*(join() for _ in range(clients)))
    say({"there": clients})
    watch.running = True
    await asyncio.sleep(seconds)
    watch.running = False
    for task in tasks:
        task.cancel()
    say(msgspec.to_builtins(watch.seen))


def say(message: object) -> None:
    """Report to the process that started this one."""
    sys.stdout.write(msgspec.json.encode(message).decode() + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), sys.stdin.readline().strip()))
