"""The costs and savings of compression: a topic of readings by each client and codec, and by the broker instead.

`python -m bench.pipeline.packing` starts its own broker and prints a table. The messages are those of the simulated
plant, and they are sent as it sends them, a tenth of the machines at a time. So a batch is a tenth of a second of a
partition: two or three readings of 300 machines, 25 of 3,000, which decides how well it compresses. Each send and each
read is a separate process, whose processor time excludes its start. The broker's is read from the system.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from energytrack.bus import limits
from energytrack.bus.kafka.client import KafkaBus
from energytrack.plant import load_plant
from energytrack.settings import KafkaSettings
from energytrack.topics import READINGS, Topic
from local.site import Site
from simulator.machines.rates import Rates
from simulator.plant.events import milliseconds
from simulator.plant.factory import Factory
from simulator.readings import readings
from testkit.builders.plants import MONDAY
from testkit.stack.servers import kafka_running, site_in

CLIENTS: Final = ("kafka-python", "confluent")
CODECS: Final = ("none", "lz4", "zstd")
BY_BROKER: Final = ("lz4", "zstd")
PHASES: Final = 10
ATTEMPTS: Final = 2
"""The fastest of this many attempts counts."""


def plant_messages(devices: int, seconds: int) -> list[list[tuple[bytes, bytes]]]:
    """(key, value) of each machine's reading, in the batches in which they are sent."""
    factory = Factory(load_plant(Path("plant.toml"), devices=devices), seed=7, rates=Rates())
    state = factory.opened(milliseconds(MONDAY))
    batches = []
    for _ in range(seconds):
        tick = factory.advance(state, state.at_ms + 1000)
        state = tick.state
        for phase in range(PHASES):
            part = readings(factory.fleet, tick, which=slice(phase, None, PHASES), at_ms=state.at_ms)
            batches.append([(reading.device_id.encode(), reading.value) for reading in part])
    return batches


def send(servers: str, topic: str, client: str, codec: str, batches: Sequence[Sequence[tuple[bytes, bytes]]]) -> None:
    """Send batch after batch, as our sinks do."""
    if client == "confluent":
        from confluent_kafka import Producer  # noqa: PLC0415  # each process loads its own library only

        fast = Producer({
            "bootstrap.servers": servers, "acks": "all", "enable.idempotence": True, "compression.type": codec,
            "partitioner": "murmur2_random", "linger.ms": round(limits.SINK_LINGER_SECONDS * 1000),
            "batch.size": limits.SINK_BATCH_BYTES,
        })  # fmt: skip
        for part in batches:
            for key, value in part:
                fast.produce(topic, value, key)
            fast.flush()
        return
    from kafka import KafkaProducer  # noqa: PLC0415

    from energytrack.bus.kafka.sink import ByKey  # noqa: PLC0415

    producer = KafkaProducer(
        bootstrap_servers=servers, acks="all", enable_idempotence=True, partitioner=ByKey(),
        compression_type=None if codec == "none" else codec,
        linger_ms=round(limits.SINK_LINGER_SECONDS * 1000), batch_size=limits.SINK_BATCH_BYTES,
    )  # fmt: skip
    for part in batches:
        for key, value in part:
            producer.send(topic, key=key, value=value)
        producer.flush()
    producer.close()


def take(servers: str, topic: str, client: str, count: int) -> None:
    """Read the whole topic, as our services do."""
    from energytrack.bus.open import open_bus  # noqa: PLC0415

    settings = KafkaSettings.model_validate({"servers": servers, "client": client})
    source = open_bus(settings, "bench").source(f"{topic}-{client}-{time.time_ns()}", [topic])
    seen = 0
    while seen < count:
        seen += len(source.take(5000, 1.0))
        source.commit()
    source.close()


def child(arguments: argparse.Namespace) -> None:
    """Run one send or one read, and measure only that."""
    batches = plant_messages(arguments.devices, arguments.seconds) if arguments.work == "send" else []
    __import__("confluent_kafka" if arguments.client == "confluent" else "kafka")
    began = time.process_time()
    if arguments.work == "send":
        send(arguments.servers, arguments.topic, arguments.client, arguments.codec, batches)
    else:
        take(arguments.servers, arguments.topic, arguments.client, arguments.seconds * arguments.devices)
    sys.stdout.write(json.dumps(time.process_time() - began) + "\n")


def measured(site: Site, broker: psutil.Process, options: argparse.Namespace, *how: str) -> list[float]:
    """Microseconds of the client and of the broker for each message, the least of several attempts."""
    work, topic, client, codec = how
    best = [float("inf"), float("inf")]
    for _ in range(ATTEMPTS):
        before = sum(broker.cpu_times()[:2])
        done = subprocess.run(
            [sys.executable, "-m", "bench.pipeline.packing", "--work", work, "--client", client, "--codec", codec,
             "--servers", site.address(site.ports.kafka), "--topic", topic,
             f"--seconds={options.seconds}", f"--devices={options.devices}"],
            capture_output=True, text=True, check=True, timeout=300,
        )  # fmt: skip
        spent = (json.loads(done.stdout.splitlines()[-1]), sum(broker.cpu_times()[:2]) - before)
        best = [min(pair) for pair in zip(best, spent, strict=True)]
    return [each / (options.seconds * options.devices) * 1e6 for each in best]


def rows(folder: Path, options: argparse.Namespace) -> Iterator[tuple[str, ...]]:
    """A row for each kind of compression."""
    site = site_in(folder)
    with kafka_running(site) as running:
        broker = psutil.Process(running.process.pid)
        bus = KafkaBus(KafkaSettings(servers=site.address(site.ports.kafka)), "bench")
        ways = [(client, codec, "producer") for codec in CODECS for client in CLIENTS]
        ways += [(client, "none", codec) for codec in BY_BROKER for client in CLIENTS]
        for number, (client, codec, by_broker) in enumerate([("confluent", "none", "producer"), *ways]):
            topic = f"{READINGS}-{number}"
            bus.create_topics([_Packed(topic, 72, packing=by_broker)])
            sent, broker_takes = measured(site, broker, options, "send", topic, client, codec)
            taken, broker_gives = measured(site, broker, options, "take", topic, client, codec)
            on_disk = sum(file.stat().st_size for file in (site.var / "kafka" / "data").glob(f"{topic}-*/*.log")) / (
                ATTEMPTS * options.seconds * options.devices
            )
            if number:  # the first warms the broker up
                name = codec if by_broker == "producer" else f"{by_broker} by the broker"
                yield (
                    client, name, f"{on_disk:.0f}", f"{sent:.1f}", f"{broker_takes:.1f}", f"{taken:.1f}",
                    f"{broker_gives:.1f}",
                )  # fmt: skip


@dataclass(frozen=True)
class _Packed(Topic):
    packing: str = "producer"

    def configuration(self) -> dict[str, str]:
        return super().configuration() | {"compression.type": self.packing}


def main() -> None:
    """Print the table, or do one child's work."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--devices", type=int, default=300, help="machines of the plant (default: %(default)s)")
    parser.add_argument("--seconds", type=int, default=100, help="seconds of the plant (default: %(default)s)")
    for name in ("--work", "--client", "--codec", "--servers", "--topic"):
        parser.add_argument(name, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.work:
        child(arguments)
        return
    batches = [pair for part in plant_messages(arguments.devices, 3) for pair in part]
    size = sum(len(key) + len(value) for key, value in batches) / len(batches)
    print(f"{size:.0f} bytes of key and value; bytes on the disk and microseconds of processor time for each message")
    print(f"{'client':13} {'packed':18} {'disk':>5} {'send':>6} {'broker':>7} {'read':>6} {'broker':>7}")
    with tempfile.TemporaryDirectory() as folder:
        for row in rows(Path(folder), arguments):
            print("{:13} {:18} {:>5} {:>6} {:>7} {:>6} {:>7}".format(*row), flush=True)


if __name__ == "__main__":
    main()
