"""The cluster's own network: a namespace, so that no rule and no address of it is left on this computer afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from testkit.kubernetes.daemons import ClusterFailed, run

NAME: Final = "energytrack"
OUTER: Final = "energytrack-k8s"
"""This computer's end of the line."""
OUTSIDE: Final = "10.211.0.1"
INSIDE: Final = "10.211.0.2"
NODES: Final = "10.211.1"
API: Final = f"{NODES}.100"
DNS: Final = f"{NODES}.53"
PODS: Final = "10.212.0.0/16"
SERVICES: Final = "10.213.0.0/16"
FIRST_SERVICE: Final = "10.213.0.1"


def node_address(number: int) -> str:
    """Nodes are counted from 1."""
    return f"{NODES}.{number}"


def pods_of(number: int) -> str:
    """The addresses of a node's pods."""
    return f"10.212.{number}.0/24"


@contextmanager
def network(nodes: int) -> Iterator[str]:
    """A network namespace whose nodes, pods and services can be reached from here; yields its name."""
    _remove()
    run(("ip", "netns", "add", NAME))
    try:
        run(("ip", "link", "add", OUTER, "type", "veth", "peer", "name", "outside", "netns", NAME))
        run(("ip", "address", "add", f"{OUTSIDE}/30", "dev", OUTER))
        run(("ip", "link", "set", OUTER, "up"))
        for reached in (f"{NODES}.0/24", PODS, SERVICES):
            run(("ip", "route", "add", reached, "via", INSIDE))
        _in("ip", "link", "set", "lo", "up")
        _in("ip", "address", "add", f"{INSIDE}/30", "dev", "outside")
        _in("ip", "link", "set", "outside", "up")
        _in("ip", "route", "add", "default", "via", OUTSIDE)
        _in("ip", "link", "add", "nodes", "type", "bridge")
        _in("ip", "link", "set", "nodes", "up")
        for address in (API, DNS, *(node_address(number) for number in range(1, nodes + 1))):
            _in("ip", "address", "add", f"{address}/32", "dev", "nodes")
        _in("sysctl", "-qw", "net.ipv4.ip_forward=1")
        yield NAME
    finally:
        _remove()


def _in(*command: str) -> None:
    run(("nsenter", f"--net=/run/netns/{NAME}", *command))


def _remove() -> None:
    """The namespace takes everything in it along, and the other end of the line."""
    if Path(f"/run/netns/{NAME}").exists():
        run(("ip", "netns", "delete", NAME))
    with suppress(ClusterFailed):  # usually gone with its other end; not while a process is left in the namespace
        run(("ip", "link", "delete", OUTER))
