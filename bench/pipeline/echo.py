"""The minimal service with our kernel: parse a reading, encode it, put it on another topic.

Its cost beyond a bare loop of the same client is the cost of the kernel.
"""

from collections.abc import Mapping, Sequence

from energytrack.bus.open import open_bus
from energytrack.consume import Taken, consume
from energytrack.messages import encode
from energytrack.running.service import entry, running
from energytrack.settings import KafkaSettings, ServiceSettings
from energytrack.telemetry import CountedSink, Stage
from energytrack.topics import INSIGHTS, READINGS


def main(env: Mapping[str, str]) -> None:
    """Run until `stop` is set."""
    kafka = KafkaSettings.from_env(env)
    with running("echo", ServiceSettings.from_env(env)) as service:
        bus = open_bus(kafka, "echo", health=service.health)
        stage = Stage("echo", service.registry, takes=[READINGS], puts=[INSIGHTS])
        source, sink = bus.source("echo", [READINGS]), CountedSink(bus.sink(stop=service.stop), stage)

        def handle(batch: Sequence[Taken]) -> None:
            sink.put_all(INSIGHTS, [(taken.message.device_id, encode(taken.message)) for taken in batch])

        service.ready()
        consume(source, sink, handle, stage=stage, clock=service.clock, stop=service.stop, health=service.health)


if __name__ == "__main__":
    entry(main)
