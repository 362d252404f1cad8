"""Each stage alone: the real service drains a filled topic, and its processor time is read from the system.

The bare loop of the same client runs on the same topic in the same run: the ratio is the cost of our code. The same
service of an earlier state of the code, if it has one, drains its own topic in the same run: that ratio shows what this
state gained or lost.
"""

import json
import os
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil
from prometheus_client.parser import text_string_to_metric_families

from bench.pipeline.earlier import has_module
from bench.pipeline.load import fill
from energytrack.bus.open import open_bus
from energytrack.settings import KafkaSettings
from local.services.pipeline import model_file
from local.services.secrets import ML_SIGNING_KEY, secret_env
from local.site import ROOT, Site
from testkit.stack.servers import kafka_running, mongo_running, site_in

DRAIN_SECONDS: Final = 240
WARM: Final = 0.1
"""The share of the messages that passes before the clock starts: imports, joining the group, first calls."""


SLOWER: Final = 1.15
"""A stage that takes this many times the processor time of the earlier state's has become slower."""


@dataclass(frozen=True)
class Cost:
    """The cost of messages in one process."""

    name: str
    messages: int
    cpu_seconds: float

    @property
    def per_second(self) -> float:
        """Messages per second on one core."""
        return self.messages / self.cpu_seconds


@dataclass(frozen=True)
class StageComparison:
    """A stage compared with its bare loop: medians of the runs, and the median of the runs' ratios."""

    stage: str
    per_second: float
    bare: str
    bare_per_second: float
    ratio: float
    """Our processor time over the bare loop's."""
    before_per_second: float | None = None
    """The same stage of the earlier state; None if it has none that runs."""
    to_before: float | None = None
    """Our processor time over the earlier state's: above 1, this one is slower."""

    @property
    def is_slower(self) -> bool:
        """Whether this state of the code needs more processor time than `SLOWER` allows."""
        return self.to_before is not None and self.to_before > SLOWER


@dataclass(frozen=True)
class StagePair:
    """A service and the loop that it is compared with."""

    stage: str
    module: str
    loop: str
    env: Mapping[str, str]


PAIRS: Final = (
    StagePair("kernel echo", "bench.pipeline.echo", "take_send", {}),
    StagePair(
        "kernel echo, confluent",
        "bench.pipeline.echo",
        "confluent_take_send",
        {"ENERGYTRACK_KAFKA_CLIENT": "confluent"},
    ),
    StagePair("kernel echo beside a framework", "bench.pipeline.echo", "quixstreams_echo", {}),
    StagePair(
        "the same, confluent", "bench.pipeline.echo", "quixstreams_echo", {"ENERGYTRACK_KAFKA_CLIENT": "confluent"}
    ),  # the client that the framework uses
    StagePair("ml_consumer", "ml.ml_consumer", "take_send", {}),
    StagePair(
        "ml_consumer, confluent", "ml.ml_consumer", "confluent_take_send", {"ENERGYTRACK_KAFKA_CLIENT": "confluent"}
    ),
    StagePair("historian", "historian", "take_insert", {}),
    StagePair("exporters", "exporters", "take", {}),
)


def measure(
    folder: Path, *, count: int, runs: int, home: Site, earlier: Path | None = None, names: Collection[str] = ()
) -> list[StageComparison]:
    """Fill a topic on the benchmark's own broker and database, and let every pair drain it `runs` times.

    `earlier` are the files of another state of the code; `names` are the stages to measure, all by default.
    """
    site = site_in(folder)
    with kafka_running(site), mongo_running(site):
        servers, uri = site.address(site.ports.kafka), f"mongodb://{site.address(site.ports.mongo)}"

        def drained(pair: StagePair, prefix: str, code: Path) -> Cost:
            env = {
                "ENERGYTRACK_KAFKA_SERVERS": servers,
                "ENERGYTRACK_KAFKA_TOPIC_PREFIX": prefix,
                "ENERGYTRACK_MONGO_URI": uri,
                "ENERGYTRACK_MONGO_DATABASE": prefix.rstrip("-"),
                "ENERGYTRACK_ML_MODEL_FILE": str(model_file(home)),
                **secret_env(home, [ML_SIGNING_KEY]),
                "ENERGYTRACK_METRICS_PORT": str(site.ports.exporters),
                **pair.env,
            }
            log = site.log(pair.module)
            return drain(pair.module, env, count=count, port=site.ports.exporters, log=log, code=code)

        def filled(pair: StagePair, run: str) -> str:
            prefix = f"{pair.stage.replace(' ', '-').replace(',', '')}-{run}-"
            fill(open_bus(KafkaSettings(servers=servers, topic_prefix=prefix), "bench"), count)
            return prefix

        def before(pair: StagePair, run: int) -> Cost | None:
            if earlier is None or not has_module(earlier, pair.module):
                return None
            try:
                return drained(pair, filled(pair, f"{run}-before"), earlier)
            except (RuntimeError, TimeoutError):
                return None  # it does not run with the settings of today

        comparisons = []
        for pair in (pair for pair in PAIRS if not names or pair.stage in names):
            ours, bares, befores = [], [], []
            for run in range(runs):
                prefix = filled(pair, str(run))
                rest = [uri] if pair.loop == "take_insert" else []
                bares.append(_bare(pair.loop, servers, count, prefix, rest))
                ours.append(drained(pair, prefix, ROOT))
                befores.append(before(pair, run))
            comparisons.append(_compared(pair, ours, bares, befores))
        return comparisons


def _compared(pair: StagePair, ours: list[Cost], bares: list[Cost], befores: list[Cost | None]) -> StageComparison:
    """Medians of the runs; those of the earlier state only if it ran each time."""
    earlier = [cost for cost in befores if cost is not None]
    ran = len(earlier) == len(ours)
    return StageComparison(
        stage=pair.stage,
        per_second=statistics.median(cost.per_second for cost in ours),
        bare=pair.loop,
        bare_per_second=statistics.median(cost.per_second for cost in bares),
        ratio=statistics.median(b.per_second / o.per_second for o, b in zip(ours, bares, strict=True)),
        before_per_second=statistics.median(cost.per_second for cost in earlier) if ran else None,
        to_before=(
            statistics.median(b.per_second / o.per_second for o, b in zip(ours, earlier, strict=True)) if ran else None
        ),
    )


def _bare(loop: str, servers: str, count: int, prefix: str, rest: list[str]) -> Cost:
    command = [sys.executable, "-m", "bench.pipeline.bare", loop, servers, str(count), prefix, *rest]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=DRAIN_SECONDS)
    return Cost(loop, count, json.loads(done.stdout.splitlines()[-1])["cpu_seconds"])


def drain(module: str, env: Mapping[str, str], *, count: int, port: int, log: Path, code: Path = ROOT) -> Cost:
    """Start a service on a filled topic and read its processor time from a tenth of the messages to the last."""
    with log.open("ab") as output:
        child = subprocess.Popen(
            [sys.executable, "-m", module], cwd=code, env={**os.environ, **env}, stdout=output, stderr=output
        )
    process = psutil.Process(child.pid)
    deadline = time.monotonic() + DRAIN_SECONDS
    try:
        begun = _when_received(port, round(WARM * count), child, process, deadline)
        ended = _when_received(port, count, child, process, deadline)
    finally:
        child.terminate()
        child.wait(30)
    return Cost(module, ended[0] - begun[0], ended[1] - begun[1])


def _when_received(
    port: int, least: int, child: "subprocess.Popen[bytes]", process: psutil.Process, deadline: float
) -> tuple[int, float]:
    """(messages, processor seconds) at the first check that finds at least `least` messages received."""
    while time.monotonic() < deadline:
        if child.poll() is not None:
            raise RuntimeError(f"{child.args!r} ended with code {child.returncode}")
        received = received_readings(port)
        if received >= least:
            times = process.cpu_times()
            return received, times.user + times.system
        time.sleep(0.2)
    raise TimeoutError(f"{child.args!r} did not take {least} messages in {DRAIN_SECONDS} s")


def received_readings(port: int) -> int:
    """The number of readings that a service reports as received; 0 while it does not answer."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            page = answer.read().decode()
    except OSError:
        return 0
    return round(
        sum(
            sample.value
            for family in text_string_to_metric_families(page)
            for sample in family.samples
            if sample.name == "energytrack_pipeline_received_total"
            and sample.labels.get("topic") == "factory-sensor-data"
        )
    )
