"""Executes one order, from the first read of its machine to its answer."""

import asyncio
from typing import NamedTuple

from energytrack.clock import Clock
from energytrack.messages import Command
from gateway.errors import NoAnswer
from gateway.orders.allowed import ControlledMachine
from gateway.orders.controls import Connect, Controls
from gateway.orders.journal import Journal
from gateway.orders.rules import ObservedState, OrderOutcome, after_writing, before_writing


class OrderContext(NamedTuple):
    """What executing an order needs besides the order."""

    connect: Connect
    journal: Journal
    clock: Clock
    poll_seconds: float


async def execute(command: Command, machine: ControlledMachine, with_: OrderContext, *, written: bool) -> OrderOutcome:
    """How the order ended; `written` if an earlier process wrote its value, or may have."""
    try:
        async with with_.connect(machine) as controls:
            return await _execute(command, machine, controls, with_, written=written)
    except NoAnswer as error:
        return OrderOutcome("failed", None, str(error))


async def _execute(
    command: Command, machine: ControlledMachine, controls: Controls, with_: OrderContext, *, written: bool
) -> OrderOutcome:
    write = machine.actions[command.action]
    if not written:
        verdict = before_writing(command, write, await controls.look(), with_.clock.now())
        if verdict is not None:
            return verdict
        with_.journal.writing(command)
        await controls.write(write)
    begun = with_.clock.monotonic()
    while True:
        await asyncio.sleep(with_.poll_seconds)
        verdict = after_writing(write, await _patient_look(controls), with_.clock.monotonic() - begun)
        if verdict is not None:
            return verdict


async def _patient_look(controls: Controls) -> ObservedState:
    """Read the state; a machine that is starting or stopping may not answer, and only the time limit ends the order."""
    try:
        return await controls.look()
    except NoAnswer as error:
        return ObservedState(None, released=True, problem=str(error))
