"""The gateway for orders as it is put together."""

import asyncio
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from energytrack.bus.memory import MemoryBus
from energytrack.clock import SystemClock
from energytrack.errors import InvalidSettings
from gateway.orders.composition import NAME, TAKES, build
from gateway.settings import GatewaySettings
from testkit.gateways.machine import ALLOWED, FakeMachine


def test_a_gateway_without_a_key_to_verify_orders_does_not_start(tmp_path: Path) -> None:
    """It would obey nobody, and say nothing about it."""
    bus, loop = MemoryBus(), asyncio.new_event_loop()
    with pytest.raises(InvalidSettings, match="ENERGYTRACK_GATEWAY_COMMAND_KEYS: expected the public key"):
        build(
            GatewaySettings(state_folder=tmp_path), ALLOWED, bus.source(NAME, TAKES), bus.sink(),
            connect=FakeMachine().connect, loop=loop, registry=CollectorRegistry(), clock=SystemClock(),
        )  # fmt: skip
    loop.close()
