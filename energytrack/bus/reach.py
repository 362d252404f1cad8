"""Checks whether anything listens at the brokers' addresses, which client libraries do not report clearly."""

import socket

from energytrack.errors import BusUnavailable
from energytrack.settings import KafkaSettings


def reach(servers: str, *, seconds: float) -> None:
    """Return when one of the addresses accepts a connection; raises BusUnavailable with the reason of each."""
    addresses = [address.strip() for address in servers.split(",")]
    reasons: list[str] = []
    for address in addresses:
        reason = _refusal(address, seconds / len(addresses))
        if reason is None:
            return
        reasons.append(reason)
    raise BusUnavailable(servers, "; ".join(reasons))


def silence(settings: KafkaSettings) -> str:
    """Why a broker that accepts connections may not answer."""
    user = "" if settings.username is None else f", or refuses the user {settings.username!r}"
    return f"something listens there, but does not answer to {settings.security_protocol}{user}"


def _refusal(address: str, seconds: float) -> str | None:
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=seconds).close()
    except OSError as error:
        return f"{address}: {(error.strerror or str(error)).lower()}"
    return None
