"""`./et gateway orders`: takes signed orders from Kafka, carries them out on real machines, and answers."""

from collections.abc import Mapping
from contextlib import ExitStack, closing

import structlog

from energytrack.bus.open import open_bus
from energytrack.running.service import entry, running
from energytrack.security.rights import gateway_group
from energytrack.settings import KafkaSettings, ServiceSettings, read_all
from gateway.orders.allowed import check_passwords, load
from gateway.orders.composition import NAME, TAKES, build
from gateway.orders.controls import opc_ua
from gateway.orders.event_loop import event_loop
from gateway.settings import GatewaySettings

log = structlog.get_logger(__name__)


def main(env: Mapping[str, str]) -> None:
    """Carry out orders until asked to stop."""
    common, kafka, settings = read_all(env, ServiceSettings, KafkaSettings, GatewaySettings)
    settings.verifier()  # a missing key is reported before anything is opened
    allowed = load(settings.orders_file)
    check_passwords(settings.orders_file, allowed)
    with ExitStack() as stack:
        service = stack.enter_context(running(NAME, common))
        bus = open_bus(kafka, NAME, health=service.health)
        sink = stack.enter_context(closing(bus.sink(stop=service.stop)))
        source = stack.enter_context(closing(bus.source(gateway_group(kafka.username, NAME), TAKES, linger=0.0)))
        loop = stack.enter_context(event_loop())
        gateway = build(
            settings, allowed, source, sink, connect=opc_ua(settings.state_folder), loop=loop,
            registry=service.registry, clock=service.clock, health=service.health,
        )  # fmt: skip
        log.info("machines that obey", machines=sorted(allowed.machines))
        while not service.stop.is_set():
            gateway.poll()
            if not service.is_ready() and source.partitions():
                service.ready()


if __name__ == "__main__":
    entry(main)
