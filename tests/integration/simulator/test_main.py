"""The simulated plant and a replay as services of their own, over a real broker."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from energytrack.bus import Bus, Source
from energytrack.decoding.parsing import parse_event, parse_reading
from energytrack.events import CommandResult, DeviceEvent, Failure
from energytrack.messages import Command, Reading, encode
from energytrack.plant import load_plant
from energytrack.recording import write_recording
from energytrack.topics import COMMANDS, EVENTS, READINGS
from local.lifecycle.child import Child
from local.services.definition import HttpAnswers, ServiceDefinition
from local.site import Site
from simulator.history import history
from simulator.plant_meters import EVERY_MS
from testkit.builders.messages import a_command
from testkit.builders.plants import MONDAY, PLANT_FILE, a_factory, never_at_rest
from testkit.patience import seconds_here
from testkit.stack.servers import eventually, started

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


class TopicListener:
    """Takes all readings and events."""

    def __init__(self, bus: Bus) -> None:
        self._source: Source = bus.source("test-listener", [READINGS, EVENTS])
        self.readings: list[Reading] = []
        self.events: list[DeviceEvent] = []

    def listen(self) -> "TopicListener":
        now = datetime.now(UTC)
        for record in self._source.take(10_000, 0.2):
            if record.topic == READINGS:
                self.readings.append(parse_reading(record.value, now))
            else:
                self.events.append(parse_event(record.value, now))
        return self

    def last(self, device_id: str) -> Reading:
        return max((r for r in self.readings if r.device_id == device_id), key=lambda r: r.timestamp)

    def answer(self, command_id: str) -> CommandResult | None:
        found = (e for e in self.listen().events if isinstance(e, CommandResult) and e.command_id == command_id)
        return next(found, None)


@pytest.fixture
def env(kafka_env: Mapping[str, str], tmp_path: Path) -> Mapping[str, str]:
    return {
        **kafka_env,
        "ENERGYTRACK_PLANT_FILE": str(never_at_rest(tmp_path / "plant.toml")),
        "ENERGYTRACK_PLANT_DEVICES": "20",
        "ENERGYTRACK_SIMULATOR_STATE_FOLDER": str(tmp_path / "state"),
    }


@pytest.fixture
def listener(bus: Bus) -> TopicListener:
    return TopicListener(bus)


def service(site: Site, env: Mapping[str, str], name: str, module: str, *arguments: str) -> ServiceDefinition:
    port = getattr(site.ports, name)
    return ServiceDefinition(
        name=name,
        purpose="under test",
        command=(sys.executable, "-m", module, *arguments),
        ready=HttpAnswers(f"http://127.0.0.1:{port}/healthz"),
        ports=(name,),
        env={**env, "ENERGYTRACK_METRICS_PORT": str(port)},
    )


@pytest.fixture
def plant(site: Site, env: Mapping[str, str], bus: Bus) -> Iterator[Child]:
    assert bus is not None
    with started(service(site, env, "simulator", "simulator"), site) as child:
        yield child


def order(bus: Bus, device_id: str, action: str, command_id: str, *, seconds: float = 60) -> None:
    now = datetime.now(UTC)
    command: Command = a_command(device_id, action=action, command_id=command_id, requested_at=now,
                                 expires_at=now + timedelta(seconds=seconds))  # fmt: skip
    sink = bus.sink()
    sink.put(COMMANDS, device_id, encode(command))
    sink.flush()
    sink.close()


def answered(listener: TopicListener, command_id: str) -> CommandResult:
    answer = eventually(lambda: listener.answer(command_id), 30)
    assert answer is not None
    return answer


def working(listener: TopicListener) -> str:
    """A machine that is running."""
    return eventually(
        lambda: next((r.device_id for r in listener.listen().readings if r.state == "running"), None) or ""
    )


@pytest.mark.usefixtures("plant")
def test_an_order_travels_over_kafka_and_its_answer_back(bus: Bus, listener: TopicListener) -> None:
    """Shut down to about 0 A, refused where it expired, restarted with its state."""
    device_id = working(listener)
    order(bus, device_id, "shutdown", "01SHUT")
    answer = answered(listener, "01SHUT")
    assert (answer.outcome, answer.state) == ("done", "stopped")
    eventually(lambda: listener.listen().last(device_id).state == "stopped", 30)
    assert (listener.last(device_id).current or 0.0) < 2.0
    order(bus, device_id, "restart", "01LATE", seconds=-1)
    assert answered(listener, "01LATE").outcome == "expired"
    order(bus, device_id, "restart", "01START")
    assert answered(listener, "01START").outcome == "done"
    assert eventually(lambda: listener.listen().last(device_id).state in {"running", "idle"}, 30)


@pytest.mark.usefixtures("plant")
def test_a_fault_is_injected_from_another_terminal(env: Mapping[str, str], listener: TopicListener) -> None:
    """It says what it does, ends in a failure, and refuses what it does not know with exit code 1."""
    device_id = working(listener)

    def inject(*arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "simulator", "inject", *arguments]
        return subprocess.run(
            command, env={**env, "PATH": ""}, capture_output=True, text=True, check=False, timeout=seconds_here(60)
        )

    made = inject("--device", device_id, "--fault", "electrical_imbalance", "--over", "5s")
    assert made.returncode == 0, made.stderr
    assert f"electrical_imbalance grows on {device_id} over 5 s" in made.stderr
    failure = eventually(
        lambda: next(
            (e for e in listener.listen().events if isinstance(e, Failure) and e.device_id == device_id), None
        ),
        60,
    )
    assert failure is not None
    assert failure.mode == "electrical_imbalance"
    refused = inject("--device", "cnc-9999", "--fault", "bearing_wear", "--over", "5m")
    assert (refused.returncode, "there is no machine cnc-9999" in refused.stderr) == (1, True)
    assert inject("--device", device_id, "--fault", "bearing_wear", "--over", "soon").returncode == 2


def test_a_killed_plant_comes_back_without_a_gap(
    site: Site, env: Mapping[str, str], bus: Bus, listener: TopicListener
) -> None:
    """SIGKILL, a new start, and nothing that a machine or a meter sent is missing; registers never fall."""
    assert bus is not None
    simulator = service(site, {**env, "ENERGYTRACK_SIMULATOR_CHECKPOINT_SECONDS": "3"}, "simulator", "simulator")
    with started(simulator, site) as child:
        eventually(lambda: len(listener.listen().readings) > 20 * 8, 60)
        child.process.kill()
        child.process.wait()
    with started(simulator, site):
        seen = max(reading.timestamp for reading in listener.readings)
        eventually(lambda: max(r.timestamp for r in listener.listen().readings) > seen + timedelta(seconds=8), 60)
    meters = load_plant(PLANT_FILE).meters
    for device_id in {reading.device_id for reading in listener.readings}:
        every = timedelta(milliseconds=EVERY_MS) if device_id in meters else timedelta(seconds=1)
        own = {r.timestamp: r.energy_kwh or 0.0 for r in listener.readings if r.device_id == device_id}
        moments = sorted(own)
        missing = (moments[-1] - moments[0]) / every + 1 - len(moments)
        assert missing <= 1, device_id  # one may be late on the network
        registers = [own[moment] for moment in moments]
        assert registers == sorted(registers)


def test_a_recording_is_replayed_as_a_service(
    site: Site, env: Mapping[str, str], bus: Bus, listener: TopicListener
) -> None:
    """Its readings arrive, stamped with the current time; with `--loop`, it never ends."""
    assert bus is not None
    recording = history(a_factory(6), until=MONDAY - timedelta(days=300), days=0.01)
    write_recording(site.var / "recording", recording)
    arguments = ("--recording", str(site.var / "recording"), "--speed", "600", "--loop")
    with started(service(site, env, "replay", "simulator.replay", *arguments), site):
        eventually(lambda: len(listener.listen().readings) > 2 * len(recording), 60)
    newest = max(reading.timestamp for reading in listener.readings)
    assert abs(newest - datetime.now(UTC)) < timedelta(minutes=2)
    assert {reading.device_id for reading in listener.readings} == {device.device_id for device in recording.devices}
