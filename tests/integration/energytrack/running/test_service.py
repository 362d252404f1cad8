"""How a service starts, answers and stops, in a process of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from energytrack.running.watchdog import EXIT_CODE
from testkit.patience import seconds_here
from testkit.stack.servers import eventually

ROOT = Path(__file__).parents[4]
PROBE = """
import sys, time
from energytrack.bus.open import open_bus
from energytrack.errors import StoreUnavailable
from energytrack.running.service import entry, running
from energytrack.settings import KafkaSettings, ServiceSettings, read_all

def main(env):
    settings, kafka = read_all(env, ServiceSettings, KafkaSettings)
    with running("probe", settings) as service:
        match sys.argv[1]:
            case "error": raise StoreUnavailable("db:27017", "no route")
            case "fault": raise ZeroDivisionError("oops")
            case "stuck": service.ready(); time.sleep(60)
            case "take":
                bus = open_bus(kafka, "probe", health=service.health)
                source = bus.source("probe", ["factory-sensor-data"])
                service.ready()
                while not service.stop.is_set():
                    source.take(100, 0.5)
                source.close()
            case "put":
                sink = open_bus(kafka, "probe", health=service.health).sink(stop=service.stop)
                service.ready()
                sink.put("factory-sensor-data", "cnc-0001", b"x")
                sink.flush()

entry(main)
"""


class Probe:
    """A service in a child process."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._process: subprocess.Popen[str] | None = None

    def start(self, what: str, **env: str) -> "Probe":
        variables = {f"ENERGYTRACK_{name.upper()}": value for name, value in env.items()}
        self._process = subprocess.Popen(
            [sys.executable, "-c", PROBE, what],
            cwd=ROOT,
            env={**os.environ, "ENERGYTRACK_METRICS_PORT": str(self.port), **variables},
            stderr=subprocess.PIPE,
            text=True,
        )
        return self

    def get(self, path: str) -> tuple[int, str]:
        try:
            with urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=seconds_here(5)) as answer:
                return answer.status, answer.read().decode()
        except HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def is_ready(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None
        return self.get("/healthz") == (200, "ready\n")

    def signal(self, number: int) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def ended(self, within: float) -> tuple[int, str]:
        """Exit code and what it said."""
        assert self._process is not None
        _, said = self._process.communicate(timeout=seconds_here(within))
        return self._process.returncode, said

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()


@pytest.fixture
def probe() -> Iterator[Probe]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    probe = Probe(port)
    yield probe
    probe.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_service_that_waits_for_messages_stops_at_once(probe: Probe, number: int) -> None:
    """Also while no broker answers; the exit code says that all is well."""
    probe.start("take", kafka_servers="127.0.0.1:1")
    eventually(probe.is_ready)
    begin = time.monotonic()
    probe.signal(number)
    code, said = probe.ended(within=10)
    assert code == 0
    assert time.monotonic() - begin < seconds_here(2.5)  # a second, on a machine that runs other tests meanwhile
    assert said.count("kafka does not answer") == 1
    assert "stopped" in said


def test_a_strangers_name_is_not_answered(probe: Probe) -> None:
    """A page whose name was made to mean this machine (DNS rebinding) reads no metrics."""
    probe.start("take", kafka_servers="127.0.0.1:1")
    eventually(probe.is_ready)
    with pytest.raises(HTTPError) as refused:
        urlopen(
            Request(f"http://127.0.0.1:{probe.port}/metrics", headers={"Host": "evil.example"}), timeout=seconds_here(5)
        )
    refused.value.close()
    assert refused.value.code == 421


def test_a_service_that_hangs_is_broken_off(probe: Probe) -> None:
    """It says so, and that nothing is lost by it."""
    probe.start("stuck", stop_seconds="0.5")
    eventually(probe.is_ready)
    probe.signal(signal.SIGTERM)
    code, said = probe.ended(within=10)
    assert code == 1
    assert "will be processed again" in said


def test_the_page_tells_of_the_process(probe: Probe) -> None:
    """/metrics for Prometheus, /healthz and /livez for whoever watches; nothing else."""
    probe.start("take", kafka_servers="127.0.0.1:1")
    eventually(probe.is_ready)
    status, page = probe.get("/metrics")
    assert status == 200
    assert "process_resident_memory_bytes" in page
    counted = 'energytrack_warnings_total{module="energytrack.bus.link"} 1.0'
    assert eventually(lambda: counted in probe.get("/metrics")[1]), "each warning has its counter"
    assert probe.get("/")[0] == 404


@pytest.mark.parametrize("what", ["take", "put"])
def test_a_service_that_waits_says_for_whom(probe: Probe, what: str) -> None:
    """It is not ready, with a sentence; it is alive, and a signal ends it as if nothing were."""
    probe.start(what, kafka_servers="127.0.0.1:1", patience_seconds="1")
    eventually(lambda: "Kafka" in probe.get("/healthz")[1])
    status, said = probe.get("/healthz")
    assert said.startswith("Kafka at 127.0.0.1:1 has not answered for ")
    assert " (since " in said
    assert probe.get("/livez") == (200, "alive\n")
    assert 'energytrack_service_waiting_seconds{awaited="kafka"}' in probe.get("/metrics")[1]
    probe.signal(signal.SIGTERM)
    code, _ = probe.ended(within=15)
    assert code == 0
    assert status == 503


def test_a_service_that_stands_still_ends_itself(probe: Probe) -> None:
    """Nobody has to notice: it tells where every thread stands, and ends."""
    code, said = probe.start("stuck", stuck_seconds="5").ended(within=30)
    assert code == EXIT_CODE
    assert "the main loop stands still" in said
    assert "most recent call first" in said
    assert "Traceback" not in said


def test_a_port_that_is_taken_is_named(probe: Probe) -> None:
    """With the setting that changes it, and without a traceback."""
    with socket.create_server(("127.0.0.1", probe.port)):
        code, said = probe.start("take").ended(within=20)
    assert code == 1
    assert f"cannot listen on 127.0.0.1:{probe.port} (address already in use)" in said
    assert "ENERGYTRACK_METRICS_PORT" in said
    assert "Traceback" not in said


def test_an_error_is_one_line(probe: Probe) -> None:
    """What is wrong in the world needs no traceback."""
    code, said = probe.start("error").ended(within=20)
    assert code == 1
    assert "the database at db:27017 does not answer: no route" in said
    assert "Traceback" not in said


def test_a_fault_of_the_program_shows_where(probe: Probe) -> None:
    """In JSON it is one line all the same."""
    code, said = probe.start("fault", log_format="json").ended(within=20)
    assert code == 1
    assert len(said.strip().splitlines()) == 1
    assert "ZeroDivisionError: oops" in said


def test_settings_that_do_not_fit_end_it_with_2(probe: Probe) -> None:
    """All of them are named."""
    code, said = probe.start("take", log_level="loud", kafka_servers="broker").ended(within=20)
    assert code == 2
    assert "ENERGYTRACK_LOG_LEVEL" in said
    assert "ENERGYTRACK_KAFKA_SERVERS" in said
