"""How a machine handles orders: each is refused at once, or carried out and then answered."""

from typing import Final, Literal, NamedTuple

from msgspec import Struct

from energytrack.events import CommandResult
from energytrack.fields import Outcome, State
from energytrack.messages import Command
from simulator.machines.faults import FAILURES
from simulator.machines.machine import Machines
from simulator.plant import schedule, upkeep
from simulator.plant.events import event_id, milliseconds, moment
from simulator.plant.schedule import PlantSchedule
from simulator.plant.upkeep import Upkeep

REMEMBERED: Final = 500
"""Number of stored answers: a repeated order is answered again but carried out once."""


class Pending(Struct, frozen=True):
    """An order in progress."""

    command: Command
    device: int
    phase: Literal["stopping", "starting"]


class OrdersInProgress(Struct, frozen=True):
    """Orders in progress, and the latest answers."""

    pending: tuple[Pending, ...] = ()
    answered: tuple[CommandResult, ...] = ()


class OrderedMachine(NamedTuple):
    """The state of the machine that an order is for."""

    device: int
    state: State
    condition: int
    part: int


class OrderVerdict(NamedTuple):
    """The result of an order."""

    outcome: Outcome
    state: State | None
    detail: str


def receive(
    in_progress: OrdersInProgress, command: Command, machine: OrderedMachine, *, at_ms: int
) -> tuple[OrdersInProgress, CommandResult | None]:
    """Accept an order; returns the answer if there is one at once."""
    for earlier in in_progress.answered:
        if earlier.command_id == command.command_id:
            return in_progress, earlier
    if any(pending.command.command_id == command.command_id for pending in in_progress.pending):
        return in_progress, None
    if at_ms >= milliseconds(command.expires_at):
        return _with_answer(in_progress, command, OrderVerdict("expired", machine.state, "it arrived too late"), at_ms)
    refusal = _refusal(in_progress, machine)
    if refusal:
        return _with_answer(in_progress, command, OrderVerdict("refused", machine.state, refusal), at_ms)
    phase: Literal["stopping", "starting"] = (
        "starting" if command.action == "restart" and machine.state == "stopped" else "stopping"
    )
    return OrdersInProgress((*in_progress.pending, Pending(command, machine.device, phase)), in_progress.answered), None


class OrderProgress(NamedTuple):
    """The result of a tick's work on orders."""

    in_progress: OrdersInProgress
    people: PlantSchedule
    answers: list[CommandResult]


def carry_out(
    in_progress: OrdersInProgress, people: PlantSchedule, machines: Machines, care: Upkeep, *, at_ms: int
) -> OrderProgress:
    """One tick's work on the orders in progress: what is switched, and the answers that are due."""
    answers: list[CommandResult] = []
    for pending in in_progress.pending:
        rest = tuple(other for other in in_progress.pending if other is not pending)
        verdict = _verdict(pending, people, machines, care)
        if verdict is None:
            following, people = _next(pending, people, machines)
            in_progress = OrdersInProgress((*rest, following), in_progress.answered)
        else:
            in_progress, answer = _with_answer(
                OrdersInProgress(rest, in_progress.answered), pending.command, verdict, at_ms
            )
            answers.append(answer)
    return OrderProgress(in_progress, people, answers)


def _verdict(pending: Pending, people: PlantSchedule, machines: Machines, care: Upkeep) -> OrderVerdict | None:
    """The outcome of an order; None while it is in progress."""
    device = pending.device
    speed = machines.speed[device]
    if care.condition[device] == upkeep.FAILED:
        return OrderVerdict("failed", "failed", f"it failed meanwhile: {FAILURES[care.part[device]]}")
    if care.condition[device] == upkeep.MAINTENANCE:
        return OrderVerdict("failed", "maintenance", "maintenance began meanwhile")
    if pending.command.action == "shutdown" and people.hold[device] != schedule.FREE and speed <= 0.0:
        return OrderVerdict("done", "stopped", "")
    if pending.phase == "starting" and people.on[device] and speed >= 1.0:
        return OrderVerdict("done", "running" if people.working[device] else "idle", "")
    return None


def _next(pending: Pending, people: PlantSchedule, machines: Machines) -> tuple[Pending, PlantSchedule]:
    device = pending.device
    if pending.phase == "starting":
        return pending, people if people.on[device] else schedule.switch_on(people, device)
    if people.on[device] or people.hold[device] == schedule.FREE:
        return pending, schedule.switch_off(people, device)
    stands = machines.speed[device] <= 0.0
    return (Pending(pending.command, device, "starting") if stands else pending), people


def _refusal(in_progress: OrdersInProgress, machine: OrderedMachine) -> str:
    """Why a machine accepts no order now; empty if it does."""
    if machine.condition == upkeep.FAILED:
        return f"it has failed ({FAILURES[machine.part]}), is off, and must be repaired first"
    if machine.condition == upkeep.MAINTENANCE:
        return "people are working on it: maintenance is in progress"
    for pending in in_progress.pending:
        if pending.device == machine.device:
            return f"another order is in progress: {pending.command.action}"
    return ""


def _with_answer(
    in_progress: OrdersInProgress, command: Command, verdict: OrderVerdict, at_ms: int
) -> tuple[OrdersInProgress, CommandResult]:
    answer = CommandResult(
        event_id=event_id(milliseconds(command.requested_at), "command_result", command.command_id),
        device_id=command.device_id,
        timestamp=moment(at_ms),
        command_id=command.command_id,
        action=command.action,
        outcome=verdict.outcome,
        state=verdict.state,
        detail=verdict.detail,
    )
    return OrdersInProgress(in_progress.pending, (*in_progress.answered, answer)[-REMEMBERED:]), answer
