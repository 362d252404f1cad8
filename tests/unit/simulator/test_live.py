"""The plant on a clock, over the bus in memory."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import asdict

from energytrack.clock import ManualClock
from energytrack.events import Failure
from energytrack.security.signatures import CommandSigner
from energytrack.topics import COMMANDS, DEAD_LETTERS, EVENTS, READINGS
from simulator import inbox
from simulator.inbox import Injection, InjectionAnswer
from simulator.settings import SimulatorSettings
from testkit.builders.control import A_SIGNING_KEY
from testkit.builders.plants import MONDAY
from testkit.dates import NOW
from tests.unit.simulator.stage import SimulatorUnderTest, opened


class NoRoom:
    """A disk that is nearly full."""

    def why_short(self) -> str:
        return "the disk of /data is nearly full"


@pytest.fixture
def stage(tmp_path: Path) -> SimulatorUnderTest:
    return SimulatorUnderTest(tmp_path)


def test_each_machine_sends_one_reading_per_tick(stage: SimulatorUnderTest) -> None:
    """Spread over the tick, each machine at its own moment of it."""
    stage.tick(20)
    readings = stage.readings()
    assert set(Counter(reading.device_id for reading in readings).values()) == {20}
    own = {(reading.device_id, reading.timestamp.microsecond) for reading in readings}
    assert len(own) == 12
    assert len({moment for _, moment in own}) == 10
    assert {reading.energy_kwh is None or reading.state is None for reading in readings} == {False}


def test_machines_that_send_seldom_take_turns(tmp_path: Path) -> None:
    """Each sends once per interval, some in every second, and the plant itself still moves on every second."""
    stage = SimulatorUnderTest(tmp_path, interval_seconds=5.0, phases=2)
    stage.tick(20)
    readings = stage.readings()
    assert set(Counter(reading.device_id for reading in readings).values()) == {4}
    assert len({reading.timestamp.replace(microsecond=0) for reading in readings}) == 20
    stage.order(command_id="01SHUT", action="shutdown")
    stage.tick(12)
    assert [answer.outcome for answer in stage.answers()] == ["done"]


def test_a_plant_that_is_stopped_does_not_run_ahead_of_the_clock(stage: SimulatorUnderTest) -> None:
    """No reading is stamped later than now."""
    stop = threading.Event()
    stage.tick(3)
    before = stage.live.state.at_ms
    stop.set()
    stage.live.tick(stop)
    assert stage.live.state.at_ms == before


def test_the_plant_keeps_the_time_of_the_clock(stage: SimulatorUnderTest) -> None:
    """Twenty ticks take twenty seconds."""
    stage.tick(20)
    assert timedelta(seconds=19) <= stage.clock.now() - MONDAY <= timedelta(seconds=21)
    assert max(reading.timestamp for reading in stage.readings()) <= stage.clock.now()


def test_a_short_delay_is_caught_up_without_a_gap(stage: SimulatorUnderTest) -> None:
    """No reading is left out, and the metric says how far behind the plant is."""
    stage.tick(5)
    stage.clock.advance(60)
    stage.tick()
    assert stage.registry.get_sample_value("energytrack_simulator_lag_seconds") == pytest.approx(59, abs=2)
    stage.tick(60)
    assert stage.registry.get_sample_value("energytrack_simulator_lag_seconds") == pytest.approx(0, abs=1.1)
    own = sorted(reading.timestamp for reading in stage.readings() if reading.device_id == "cnc-0001")
    assert {later - earlier for earlier, later in pairwise(own)} == {timedelta(seconds=1)}


def test_a_long_delay_is_skipped_and_the_meters_go_on(stage: SimulatorUnderTest) -> None:
    """Nobody wants readings of hours ago, but the energy was used."""
    stage.tick(40)
    stage.clock.advance(7200)
    stage.tick(3)
    own = sorted((r for r in stage.readings() if r.device_id == "cnc-0001"), key=lambda r: r.timestamp)
    gap = own[-3].timestamp - own[-4].timestamp
    assert gap > timedelta(seconds=7000)
    assert own[-1].timestamp >= stage.clock.now() - timedelta(seconds=2)
    registers = [reading.energy_kwh or 0.0 for reading in own]
    assert registers == sorted(registers)
    assert registers[-3] - registers[-4] > 1.0
    skipped = stage.registry.get_sample_value("energytrack_simulator_readings_skipped_total")
    assert skipped == pytest.approx(7200 * len(stage.live.factory.fleet), rel=0.01)


def test_an_order_travels_there_and_its_answer_back(stage: SimulatorUnderTest) -> None:
    """Over the topics, with the command's id."""
    stage.tick(3)
    stage.order(command_id="01SHUT", action="shutdown")
    stage.tick(15)
    (answer,) = stage.answers()
    assert (answer.command_id, answer.outcome, answer.state) == ("01SHUT", "done", "stopped")
    assert stage.readings()[-1].timestamp > answer.timestamp
    last = max((r for r in stage.readings() if r.device_id == "cnc-0001"), key=lambda r: r.timestamp)
    assert last.state == "stopped"
    assert last.current is not None
    assert last.current < 1.0
    stage.order(command_id="01START", action="restart")
    stage.tick(15)
    assert [(a.command_id, a.outcome) for a in stage.answers()] == [("01SHUT", "done"), ("01START", "done")]


def test_an_order_for_a_real_machine_is_left_to_its_gateway(tmp_path: Path) -> None:
    """Only the first answer counts, and the simulated plant would be the quicker one."""
    signer = CommandSigner(A_SIGNING_KEY)
    stage = SimulatorUnderTest(tmp_path, command_keys=signer.public_key)
    stage.tick(3)
    stage.order(signer, "cnc-9002", command_id="01REAL", action="shutdown")
    stage.order(None, "cnc-9002", command_id="01FALSE", action="shutdown")
    stage.tick(15)
    assert stage.answers() == []
    assert stage.registry.get_sample_value("energytrack_simulator_orders_unsigned_total") == 0.0


def test_a_plant_with_a_key_obeys_signed_orders_only(tmp_path: Path) -> None:
    """A forged order is not carried out, not answered, and does not keep the true one with its id from being done."""
    signer = CommandSigner(A_SIGNING_KEY)
    stage = SimulatorUnderTest(tmp_path, command_keys=signer.public_key)
    stage.tick(3)
    stage.order(command_id="01SHUT", action="shutdown")
    stage.tick(15)
    assert stage.answers() == []
    assert stage.registry.get_sample_value("energytrack_simulator_orders_unsigned_total") == 1.0
    stage.order(signer, command_id="01SHUT", action="shutdown")
    stage.tick(15)
    assert [(answer.command_id, answer.outcome) for answer in stage.answers()] == [("01SHUT", "done")]


def test_an_unintelligible_order_goes_to_the_dead_letters(stage: SimulatorUnderTest) -> None:
    """And the plant goes on."""
    stage.bus.sink().put(COMMANDS, "cnc-0001", b'{"device_id":"cnc-0001","action":"explode"}')
    stage.tick(2)
    assert len(stage.bus.values(DEAD_LETTERS)) == 1
    assert stage.answers() == []
    assert len(stage.readings()) == 24


def test_a_crash_loses_nothing_and_says_nothing_else(tmp_path: Path) -> None:
    """Killed between two savings, the plant says again what it said, to the same bytes, and goes on from there."""
    one, other = (
        SimulatorUnderTest(tmp_path / "one", checkpoint_seconds=5),
        SimulatorUnderTest(tmp_path / "other", checkpoint_seconds=5),
    )
    one.tick(60)
    other.tick(23)
    other.live = other.started()  # the first one was never stopped properly
    other.tick(60 - 20)
    said, again = (set(stage.bus.values(READINGS)) for stage in (one, other))
    assert said == again
    assert set(one.bus.values(EVENTS)) == set(other.bus.values(EVENTS))


def test_an_order_survives_a_crash(stage: SimulatorUnderTest) -> None:
    """It is part of the saved plant before it counts as read."""
    stage.tick(3)
    stage.order(command_id="01SHUT", action="shutdown")
    stage.tick(2)
    stage.live = stage.started()
    stage.tick(20)
    assert {(answer.command_id, answer.outcome) for answer in stage.answers()} == {("01SHUT", "done")}
    assert stage.live.state.schedule.on[0].item() is False


@pytest.mark.parametrize("away", [0, 3, 100, 40_000])
def test_registers_never_fall_over_a_restart(stage: SimulatorUnderTest, away: float) -> None:
    """However long the simulator was away."""
    stage.tick(37)
    stage.clock.advance(away)
    stage.live = stage.started()
    stage.tick(40)
    for device in stage.live.factory.fleet.devices:
        own = sorted((r.timestamp, r.energy_kwh or 0.0) for r in stage.readings() if r.device_id == device.device_id)
        registers = [register for _, register in own]
        assert registers == sorted(registers)


def test_registers_do_not_fall_when_the_state_is_lost(stage: SimulatorUnderTest) -> None:
    """An unusable file is put aside; the plant starts again, with meters that show more."""
    stage.tick(20)
    before = stage.live.state.machines.energy_kwh
    (stage.settings.state_folder / "state.npz").write_bytes(b"broken")
    stage.clock.advance(5)
    stage.live = stage.started()
    assert (stage.live.state.machines.energy_kwh >= before).all()
    assert (stage.settings.state_folder / "state.unusable").exists()


def test_an_injected_fault_is_answered_and_ends_in_a_failure(stage: SimulatorUnderTest) -> None:
    """Through the box of the state folder."""
    stage.tick(2)
    box = stage.settings.state_folder / "inbox"
    for name, device in (("a", "cnc-0001"), ("b", "cnc-9999")):
        (box / f"{name}.request").write_bytes(msgspec.json.encode(Injection(device, "bearing_wear", 30.0)))
    stage.tick(60)
    answers = {
        path.stem: msgspec.json.decode(path.read_bytes(), type=InjectionAnswer).accepted
        for path in sorted(box.glob("*.answer"))
    }
    assert answers == {"a": True, "b": False}
    assert inbox.requests(stage.settings.state_folder) == []
    assert [event.mode for event in stage.events() if isinstance(event, Failure)] == ["bearing_wear"]


def test_what_the_network_held_is_delivered_at_the_end(tmp_path: Path) -> None:
    """A clean stop loses nothing, and saves the plant."""
    stage = SimulatorUnderTest(tmp_path, late_share=0.3)
    stop = threading.Event()
    stopping: Callable[[], None] = stop.set

    class StoppingClock(ManualClock):
        def sleep(self, seconds: float) -> None:
            super().sleep(seconds)
            if self.now() > MONDAY + timedelta(seconds=10):
                stopping()

    stage.clock = StoppingClock(MONDAY)
    stage.live = stage.started()
    stage.live.run(stop)
    counts = Counter(reading.device_id for reading in stage.readings())
    assert len(set(counts.values())) == 1
    assert counts["cnc-0001"] >= 9
    saved = stage.started().state
    assert saved.at_ms == stage.live.state.at_ms


def test_the_same_seed_and_clock_say_the_same(tmp_path: Path) -> None:
    """Byte for byte, faults of sensors and network included."""
    trouble = {
        **asdict(SimulatorSettings().rates()),
        "seed": 5,
        "late_share": 0.01,
        "duplicate_share": 0.01,
    }
    one = SimulatorUnderTest(tmp_path / "a", **trouble)
    opened.cache_clear()
    other = SimulatorUnderTest(tmp_path / "b", **trouble)
    for plant in (one, other):
        plant.tick(120)
    assert one.bus.records == other.bus.records


def test_the_start_is_on_the_grid(tmp_path: Path) -> None:
    """Readings of all starts lie on whole intervals, so that a restart repeats moments and makes no new ones."""
    stage = SimulatorUnderTest(tmp_path)
    stage.clock = ManualClock(NOW + timedelta(milliseconds=777))
    stage.live = stage.started()
    assert stage.live.state.at_ms % 1000 == 0


def test_a_plant_whose_broker_has_no_room_sends_nothing_answers_orders_and_goes_on(stage: SimulatorUnderTest) -> None:
    stage.tick(3)
    before = len(stage.readings())
    room = stage.live._room
    stage.live._room = NoRoom()  # type: ignore[assignment]
    stage.order(action="shutdown")
    stage.tick(10)
    assert len(stage.readings()) == before
    taken = {"stage": "simulator", "topic": COMMANDS}
    assert stage.registry.get_sample_value("energytrack_pipeline_received_total", taken) == 1
    stage.live._room = room
    stage.tick(12)
    assert set(Counter(reading.device_id for reading in stage.readings()).values()) == {15}  # none is left out
