"""Decides about orders by the same rules as simulated machines. Pure."""

from datetime import datetime
from typing import NamedTuple

from energytrack.events import CommandResult
from energytrack.fields import Outcome, State
from energytrack.messages import Command
from gateway.orders.allowed import AllowList, NodeWrite
from gateway.orders.journal import Journal


class OrderOutcome(NamedTuple):
    """How an order ended."""

    outcome: Outcome
    state: State | None
    detail: str


class ObservedState(NamedTuple):
    """What was read from a machine."""

    state: State | None
    """None: unknown, and why stands in `problem`."""
    released: bool
    problem: str = ""


def at_once(command: Command, allowed: AllowList, journal: Journal, now: datetime) -> OrderOutcome | None:
    """The verdict on a new order; None if it should be carried out."""
    if now >= command.expires_at:
        return OrderOutcome("expired", None, "it arrived too late")
    if command.action not in allowed.machines[command.device_id].actions:
        return OrderOutcome(
            "refused", None, f"the gateway's list does not allow {command.action} for {command.device_id}"
        )
    earlier = journal.of_machine(command.device_id)
    if earlier is not None:
        return OrderOutcome("refused", None, f"another order is in progress: {earlier.action}")
    return None


def before_writing(command: Command, write: NodeWrite, look: ObservedState, now: datetime) -> OrderOutcome | None:
    """The verdict on an order once its machine's state was read; None if its value may be written."""
    refusal = _refusal(look)
    if refusal:
        return OrderOutcome("refused", look.state, refusal)
    if command.action == "shutdown" and look.state in write.until:
        return OrderOutcome("done", look.state, "it was already")
    if now >= command.expires_at:
        return OrderOutcome("expired", look.state, "it expired before the machine could be reached")
    return None


def _refusal(look: ObservedState) -> str:
    if look.problem:
        return look.problem
    if not look.released:
        return "it is locked at the machine: its switch is not on remote"
    if look.state == "failed":
        return "it has failed, and must be repaired first"
    return "people are working on it: maintenance is in progress" if look.state == "maintenance" else ""


def after_writing(write: NodeWrite, look: ObservedState, seconds: float) -> OrderOutcome | None:
    """The verdict on an order some seconds after it was written; None while the machine is still changing."""
    if look.state in write.until:
        return OrderOutcome("done", look.state, "")
    if look.state == "failed":
        return OrderOutcome("failed", "failed", "it failed meanwhile")
    if look.state == "maintenance":
        return OrderOutcome("failed", "maintenance", "maintenance began meanwhile")
    if seconds < write.within_seconds:
        return None
    wanted = " or ".join(write.until)
    return OrderOutcome(
        "failed", look.state, look.problem or f"it got the order, and is not {wanted} after {write.within_seconds:g} s"
    )


def answer(command: Command, verdict: OrderOutcome, now: datetime) -> CommandResult:
    """The result as a message; its event_id is derived from the order, so that a repeated one counts once."""
    return CommandResult(
        event_id=f"gw-{command.command_id}"[:64],
        device_id=command.device_id,
        timestamp=now,
        command_id=command.command_id,
        action=command.action,
        outcome=verdict.outcome,
        state=verdict.state,
        detail=verdict.detail[:500],
    )
