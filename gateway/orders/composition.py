"""The composition root of the gateway for orders: `./et gateway orders` uses Kafka, tests a bus in memory."""

import asyncio
from typing import Final

from prometheus_client import CollectorRegistry

from energytrack.bus import Sink, Source
from energytrack.clock import Clock
from energytrack.running.health import Health
from energytrack.telemetry import CountedSink, Stage
from energytrack.topics import COMMANDS, EVENTS
from gateway.orders.allowed import AllowList
from gateway.orders.controls import Connect
from gateway.orders.execution import OrderContext
from gateway.orders.journal import Journal
from gateway.orders.service import OrderGateway
from gateway.settings import GatewaySettings

NAME: Final = "gateway"
TAKES: Final = (COMMANDS,)
JOURNAL: Final = "orders.json"


def build(
    settings: GatewaySettings,
    allowed: AllowList,
    source: Source,
    sink: Sink,
    *,
    connect: Connect,
    loop: asyncio.AbstractEventLoop,
    registry: CollectorRegistry,
    clock: Clock,
    health: Health | None = None,
) -> OrderGateway:
    """Create everything between orders and their answers; orders that an earlier process left open are continued.

    `loop` runs in a thread of its own. Raises InvalidSettings without a key to verify orders.
    """
    verifier = settings.verifier()
    stage = Stage(NAME, registry, takes=TAKES, puts=[EVENTS])
    journal = Journal(settings.state_folder / JOURNAL)
    return OrderGateway(
        allowed,
        verifier,
        source,
        CountedSink(sink, stage),
        context=OrderContext(connect, journal, clock, settings.poll_seconds),
        stage=stage,
        loop=loop,
        registry=registry,
        clock=clock,
        health=health or Health(clock),
    )
