"""The control API's own settings."""

import ipaddress
from typing import ClassVar, Self

from pydantic import Field, model_validator

from energytrack.settings import Block, Port


class ControlApiSettings(Block):
    """Where the control API listens and how long an order holds."""

    prefix: ClassVar[str] = "ENERGYTRACK_CONTROL_API_"

    host: str = Field("127.0.0.1", description="Address that the control API listens on")
    port: Port = Field(8000, description="Port of the control API, its /metrics and its /healthz")
    threads: int = Field(64, ge=4, le=1000, description="Requests and live connections served at once")
    order_seconds: float = Field(60.0, ge=5, le=3600, description="How long a machine may take an order up")
    answer_seconds: float = Field(
        30.0,
        ge=1,
        le=3600,
        description="How long after that its answer is waited for before the order counts as expired",
    )
    patience_seconds: float = Field(
        5.0, ge=1, le=60, description="How long a request waits for Kafka, or for the database, before it is refused"
    )
    silent_seconds: float = Field(
        300.0, ge=10, description="A device whose last reading is older than this counts as silent"
    )

    @model_validator(mode="after")
    def _stays_on_this_machine(self) -> Self:
        if not is_loopback(self.host):
            raise ValueError("host: nobody signs in yet, so only a loopback address is allowed")
        return self


def is_loopback(host: str) -> bool:
    """Whether an address is reached from this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
