"""A real front door that one address crowds, in a network namespace of its own: what it holds, and who else gets in.

    unshare -rn python -m testkit.stack.crowded_front_door FOLDER CONNECTIONS OPEN_FILES MEMORY_LIMIT [RULES.nft]

Prints a `Crowded` as JSON. With RULES.nft it sets the kernel's rules first.
"""

import socket
import subprocess
import sys
import threading
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

import msgspec

from local.services.front_door import caddy_service
from local.site import HOST
from testkit.patience import seconds_here
from testkit.stack.servers import eventually, site_in, started

PORT: Final = 8080
"""One of those that the rules are about."""
OTHER: Final = "127.0.0.2"
SLOW_BODY: Final = f"POST /control/x HTTP/1.1\r\nHost: {HOST}:{PORT}\r\nContent-Length: 900000\r\n\r\nx".encode()
"""What costs the front door most: it opens a connection to the control API, and has buffers for both."""
LOOK: Final = f"GET /healthz HTTP/1.1\r\nHost: {HOST}:{PORT}\r\n\r\n".encode()
TRY_SECONDS: Final = 0.5
"""How long one of the crowd tries to connect: what the kernel refuses gets no answer."""
MOST_IN_VAIN: Final = 5


class Crowded(msgspec.Struct, frozen=True):
    """What happened."""

    held: int
    """Connections that the crowd's address held."""
    other_was_answered: bool
    """Whether another address was answered meanwhile."""
    answered_afterwards: bool
    """Whether it was answered once the crowd had left."""
    most_bytes: int
    """The most memory that the front door had."""


def crowd(folder: Path, connections: int, open_files: int, memory_limit: str) -> Crowded:
    """Let one address open `connections` to a new front door, or as many as it gets."""
    site = site_in(folder)
    site = replace(site, ports=replace(site.ports, caddy=PORT))
    caddy = caddy_service(site)
    limited = ("prlimit", f"--nofile={open_files}:{open_files}", *caddy.command)
    caddy = replace(caddy, command=limited, env={**caddy.env, "GOMEMLIMIT": memory_limit})
    with ExitStack() as stack:
        _accept_all(stack.enter_context(socket.create_server((HOST, site.ports.control_api), backlog=4096)))
        door = stack.enter_context(started(caddy, site))
        with ExitStack() as crowding:
            held = _come(crowding, connections)
            answered = _is_answered(OTHER, seconds=2)
        afterwards = bool(eventually(lambda: _is_answered(OTHER, seconds=2), seconds_here(30)))
        return Crowded(held, answered, afterwards, _most_bytes(door.process.pid))


def _accept_all(control_api: socket.socket) -> None:
    """A control API that accepts every connection and says nothing."""
    accepted: list[socket.socket] = []

    def accept() -> None:
        with suppress(OSError):
            while True:
                accepted.append(control_api.accept()[0])

    threading.Thread(target=accept, daemon=True).start()


def _come(crowding: ExitStack, connections: int) -> int:
    in_vain = held = 0
    while held < connections and in_vain < MOST_IN_VAIN:
        try:
            line = crowding.enter_context(socket.create_connection((HOST, PORT), seconds_here(TRY_SECONDS)))
            line.sendall(SLOW_BODY)
            held += 1
        except OSError:
            in_vain += 1
    return held


def _is_answered(address: str, *, seconds: float) -> bool:
    try:
        with socket.create_connection((HOST, PORT), seconds_here(seconds), (address, 0)) as line:
            line.sendall(LOOK)
            return line.recv(12) == b"HTTP/1.1 200"
    except OSError:
        return False


def _most_bytes(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


if __name__ == "__main__":
    place, count, files, memory, *rules = sys.argv[1:]
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    if rules:
        subprocess.run(["nft", "-f", rules[0]], check=True)
    sys.stdout.buffer.write(msgspec.json.encode(crowd(Path(place), int(count), int(files), memory)))
