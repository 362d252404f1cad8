"""What is small on the way in and huge inside, and each service within the memory that compose.yaml gives it.

A service runs as in its container, and the kernel says how much memory it used at most. A container that used more
would be killed.
"""

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import httpx
import pytest
import yaml

from energytrack.bus import Bus
from energytrack.security.signatures import CommandSigner
from energytrack.topics import COMMANDS, EVENTS, READINGS
from local.lifecycle.child import Child
from local.services.definition import HttpAnswers, ServiceDefinition
from local.site import ROOT, Site
from testkit.builders.control import A_SIGNING_KEY
from testkit.clients.packed import put_packed
from testkit.stack.servers import eventually, started

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

MEGABYTE: Final = 2**20
TAKES: Final[Mapping[str, tuple[str, str, str]]] = {
    "exporters": ("exporters", "exporters", READINGS),
    "historian": ("historian", "historian", READINGS),
    "ml-consumer": ("ml_consumer", "ml.ml_consumer", READINGS),
    "control-api": ("control_api", "control_api", EVENTS),
    "simulator": ("simulator", "simulator", COMMANDS),
    "gateway": ("simulator", "gateway", COMMANDS),
}
"""By its name in compose.yaml: its port, its module and what it takes from Kafka."""


def limit_of(service: str) -> int:
    """The bytes that compose.yaml allows."""
    services = yaml.safe_load(Path("compose.yaml").read_text(encoding="utf-8"))["services"]
    limit: str = services[service]["deploy"]["resources"]["limits"]["memory"]
    return int(limit[:-1]) * {"m": MEGABYTE, "g": 1024 * MEGABYTE}[limit[-1]]


def most_of(child: Child) -> int:
    """The most that a process and its children held at once, in bytes; of each the most at any time."""
    total = 0
    for process in [child.process.pid, *children_of(child.process.pid)]:
        said = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
        total += sum(int(kilobytes) * 1024 for kilobytes in re.findall(r"VmHWM:\s+(\d+) kB", said))
    return total


def children_of(process: int) -> list[int]:
    text = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="utf-8")
    found = [int(each) for each in text.split()]
    return [*found, *(each for child in found for each in children_of(child))]


def service_of(name: str, site: Site, env: Mapping[str, str]) -> ServiceDefinition:
    port_name, module, _ = TAKES[name]
    port = getattr(site.ports, port_name)
    nobody = (ROOT / "deploy" / "gateway" / "orders.toml").read_text(encoding="utf-8")
    (site.var / "password").write_text("password", encoding="utf-8")
    (site.var / "orders.toml").write_text(
        nobody.replace("opc.tcp://cnc-0007.plant.example:4840", f"opc.tcp://127.0.0.1:{site.ports.caddy}").replace(
            "secrets/cnc-0007", str(site.var / "password")
        ),
        encoding="utf-8",
    )
    return ServiceDefinition(
        name=name,
        purpose="under test",
        command=(sys.executable, "-m", module, *(["orders"] if module == "gateway" else [])),
        ready=HttpAnswers(f"http://127.0.0.1:{port}/{'livez' if name == 'control-api' else 'metrics'}"),
        ports=(port_name,),
        env={
            **env,
            "ENERGYTRACK_METRICS_PORT": str(port),
            "ENERGYTRACK_CONTROL_API_PORT": str(port),
            "ENERGYTRACK_PLANT_FILE": str(ROOT / "plant.toml"),
            "ENERGYTRACK_ML_MODEL_FILE": str(site.var / "model"),
            "ENERGYTRACK_SIMULATOR_STATE_FOLDER": str(site.var / "state"),
            "ENERGYTRACK_CONTROL_API_COMMAND_SIGNING_KEY": A_SIGNING_KEY,
            "ENERGYTRACK_GATEWAY_ORDERS_FILE": str(site.var / "orders.toml"),
            "ENERGYTRACK_GATEWAY_STATE_FOLDER": str(site.var / "gateway"),
            "ENERGYTRACK_GATEWAY_COMMAND_KEYS": CommandSigner(A_SIGNING_KEY).public_key,
            "OMP_NUM_THREADS": "1",
        },
    )


def taken(metrics: str) -> tuple[int, int]:
    """Batches set aside, and messages rejected."""
    text = httpx.get(metrics, timeout=30).text
    numbers = [
        sum(float(each) for each in re.findall(rf"^energytrack_pipeline_{name}_total{{.*}} (.+)$", text, re.MULTILINE))
        for name in ("batches_set_aside", "rejected")
    ]
    return int(numbers[0]), int(numbers[1])


@pytest.mark.parametrize("name", TAKES)
def test_bombs_from_kafka_fit_into_its_memory(
    name: str, site: Site, bus: Bus, kafka_env: Mapping[str, str], mongo_env: Mapping[str, str]
) -> None:
    """Gigabytes packed into a few messages; many of 30 MB; and one that unfolds only when it is parsed."""
    servers, prefix = kafka_env["ENERGYTRACK_KAFKA_SERVERS"], kafka_env["ENERGYTRACK_KAFKA_TOPIC_PREFIX"]
    topic = prefix + TAKES[name][2]
    unfolding = b'{"device_id":"cnc-0001","signals":{' + b",".join(b'"s%d":1' % n for n in range(2_500_000)) + b"}}"
    for codec, size in (("gzip", 200_000_000), ("zstd", 500_000_000), ("lz4", 100_000_000)):
        put_packed(servers, topic, b"0" * size, codec=codec)
    for _ in range(6):
        put_packed(servers, topic, b"[" * 30_000_000, codec="zstd")
    put_packed(servers, topic, unfolding[:31_000_000], codec="zstd")
    service = service_of(name, site, {**kafka_env, **mongo_env})
    port = getattr(site.ports, TAKES[name][0])
    with started(service, site) as child:
        eventually(lambda: taken(f"http://127.0.0.1:{port}/metrics") >= (3, 7), 90)
        used = most_of(child)
        assert child.process.poll() is None
    assert used < limit_of(name)
