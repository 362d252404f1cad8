"""What machines make of orders."""

from datetime import timedelta

import numpy as np
import pytest
from msgspec.structs import replace

from energytrack.events import CommandResult
from energytrack.fields import STATES
from energytrack.messages import Command
from simulator.machines.arrays import changed
from simulator.machines.faults import MODE_NAMES
from simulator.plant import upkeep
from simulator.plant.events import milliseconds
from simulator.plant.factory import Factory, FactoryState, Tick
from testkit.builders.messages import a_command
from testkit.builders.plants import MONDAY, a_factory, last, opened, ticks

FACTORY = a_factory(12)
DEVICE = FACTORY.fleet.devices[0].device_id
SHUTDOWN = a_command(DEVICE, command_id="01SHUT", requested_at=MONDAY, expires_at=MONDAY + timedelta(minutes=5))
RESTART = replace(SHUTDOWN, command_id="01START", action="restart")


def running(factory: Factory = FACTORY) -> FactoryState:
    """The plant at work, its machines warm."""
    return last(ticks(factory, opened(factory), 120)).state


def ordered(state: FactoryState, *commands: Command, seconds: int = 30, factory: Factory = FACTORY) -> list[Tick]:
    """The ticks after some orders came in."""
    for command in commands:
        state, _ = factory.ordered(state, command, at_ms=state.at_ms)
    return list(ticks(factory, state, seconds))


def at_once(state: FactoryState, command: Command) -> CommandResult | None:
    return FACTORY.ordered(state, command, at_ms=state.at_ms)[1]


def answers(steps: list[Tick]) -> list[CommandResult]:
    return [event for tick in steps for event in tick.happened if isinstance(event, CommandResult)]


def stopped() -> FactoryState:
    return ordered(running(), SHUTDOWN)[-1].state


def test_a_shutdown_ramps_to_standby_and_is_answered_when_the_machine_stands() -> None:
    """Not before, and it stays off."""
    steps = ordered(running(), SHUTDOWN, seconds=120)
    answer = answers(steps)[0]
    assert (answer.outcome, answer.state, answer.command_id) == ("done", "stopped", "01SHUT")
    currents = [float(tick.state.machines.current[0]) for tick in steps]
    standby = FACTORY.fleet.standby_amperes[0]
    assert currents[0] > currents[1] > currents[2] > standby
    assert set(currents[20:]) == {standby}
    answered_at = milliseconds(answer.timestamp)
    assert all(tick.state.machines.speed[0] > 0 for tick in steps if tick.state.at_ms < answered_at - 1000)
    assert {STATES[tick.states[0]] for tick in steps[20:]} == {"stopped"}


def test_a_restart_runs_up_with_inrush() -> None:
    """The current peaks, the machine works again, and the answer comes at full speed."""
    steps = ordered(stopped(), RESTART, seconds=60)
    answer = answers(steps)[0]
    assert (answer.outcome, answer.action) == ("done", "restart")
    assert answer.state in {"running", "idle"}
    assert max(tick.state.machines.current[0] for tick in steps) > FACTORY.fleet.rated_amperes[0]
    assert steps[-1].state.machines.speed[0] == 1.0


def test_a_restart_of_a_running_machine_stops_it_first() -> None:
    """It is the same as a shutdown and a start."""
    steps = ordered(running(), RESTART, seconds=60)
    speeds = [float(tick.state.machines.speed[0]) for tick in steps]
    assert min(speeds) == 0.0
    assert speeds[-1] == 1.0
    assert [answer.outcome for answer in answers(steps)] == ["done"]


def test_a_restart_repairs_nothing() -> None:
    """Wear is what it was."""
    state = running()
    state = replace(state, wear=changed(state.wear, (MODE_NAMES.index("bearing_wear"), 0), wear=0.7))
    after = ordered(state, RESTART, seconds=60)[-1].state
    assert after.wear.wear[0, 0] >= 0.7


def test_a_shutdown_of_a_stopped_machine_is_done_at_once() -> None:
    """Nothing needs to be done."""
    state = stopped()
    steps = ordered(state, replace(SHUTDOWN, command_id="01AGAIN"), seconds=3)
    assert [(answer.outcome, answer.state) for answer in answers(steps)] == [("done", "stopped")]


@pytest.mark.parametrize(
    ("condition", "word"),
    [(upkeep.FAILED, "must be repaired first"), (upkeep.MAINTENANCE, "maintenance is in progress")],
)
@pytest.mark.parametrize("command", [SHUTDOWN, RESTART], ids=["shutdown", "restart"])
def test_a_machine_that_failed_or_is_worked_on_refuses(condition: int, word: str, command: Command) -> None:
    """Until it is repaired."""
    state = running()
    state = replace(state, upkeep=changed(state.upkeep, 0, condition=condition, left_seconds=3600.0))
    state = last(ticks(FACTORY, state, 2)).state
    answer = at_once(state, command)
    assert answer is not None
    assert (answer.outcome, answer.state) == ("refused", STATES[state.shown[0]])
    assert word in answer.detail


@pytest.mark.parametrize("seconds", [120, 0], ids=["in time", "too late"])
def test_orders_for_machines_that_are_not_here_get_no_answer(seconds: int) -> None:
    """A gateway may have them."""
    state = running()
    elsewhere = replace(SHUTDOWN, device_id="pump-0001", expires_at=MONDAY + timedelta(seconds=120 + seconds))
    assert FACTORY.ordered(state, elsewhere, at_ms=state.at_ms) == (state, None)


def test_an_order_that_comes_too_late_is_not_carried_out() -> None:
    """It has expired, to the millisecond."""
    state = running()
    late = replace(SHUTDOWN, expires_at=MONDAY + timedelta(seconds=120))
    answer = at_once(state, late)
    assert answer is not None
    assert answer.outcome == "expired"
    assert at_once(state, replace(late, expires_at=MONDAY + timedelta(seconds=120.001))) is None


def test_an_order_that_comes_twice_is_carried_out_once_and_answered_alike() -> None:
    """While it is under way the second one says nothing; afterwards it hears the same answer."""
    state = running()
    steps = ordered(state, SHUTDOWN, SHUTDOWN)
    (answer,) = answers(steps)
    again, repeated = FACTORY.ordered(steps[-1].state, SHUTDOWN, at_ms=steps[-1].state.at_ms)
    assert repeated == answer
    assert again.orders == steps[-1].state.orders


def test_a_second_order_waits_for_nobody_and_is_refused() -> None:
    """A machine does one thing at a time."""
    state, _ = FACTORY.ordered(running(), SHUTDOWN, at_ms=milliseconds(MONDAY))
    answer = at_once(state, RESTART)
    assert answer is not None
    assert (answer.outcome, answer.detail) == ("refused", "another order is in progress: shutdown")


def test_a_machine_that_fails_meanwhile_says_so() -> None:
    """The order has failed, and names the mode."""
    state = stopped()
    state, _ = FACTORY.ordered(state, RESTART, at_ms=state.at_ms)
    state = last(ticks(FACTORY, state, 3)).state
    state = replace(state, wear=changed(state.wear, (1, 0), wear=2.0))
    (answer,) = answers(list(ticks(FACTORY, state, 3)))
    assert (answer.outcome, answer.state) == ("failed", "failed")
    assert "blocked_cooling" in answer.detail


def test_only_so_many_answers_are_remembered() -> None:
    """Memory is bounded."""
    state = running()
    for number in range(600):
        state, _ = FACTORY.ordered(state, replace(SHUTDOWN, command_id=f"c{number}"), at_ms=state.at_ms)
    assert len(state.orders.answered) == 500


def test_orders_leave_the_other_machines_as_they_were() -> None:
    """Their noise, too."""
    state = running()
    plain, other = last(ticks(FACTORY, state, 30)), ordered(state, SHUTDOWN)[-1]
    assert np.array_equal(plain.values[:, 1:], other.values[:, 1:], equal_nan=True)
    assert plain.values[2, 0] != other.values[2, 0]
