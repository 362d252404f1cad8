"""Whether an order may be given: what is in the way, in the order in which a person should hear of it. Pure."""

from typing import Final

from msgspec import Struct

from control_api.devices.rules import Machine
from energytrack.messages import Action, State

DISTURBS_SHIFT: Final = frozenset({"shutdown"})
DISTURBS_CYCLE: Final = frozenset({"shutdown", "restart"})


class Situation(Struct, frozen=True, kw_only=True):
    """A device as far as an order to it is concerned."""

    device_id: str
    state: State | None
    """None where no reading or event has told."""
    in_shift: bool
    """Whether its line's people are at work now."""
    locked_by: str | None = None
    """Who holds its lock (lockout/tagout)."""
    lock_reason: str = ""


class Obstacle(Struct, frozen=True):
    """Why an order is not given."""

    code: str
    """A code of `problems.TITLES`."""
    detail: str
    overridable: bool


def obstacle(action: Action, situation: Situation, *, override: bool) -> Obstacle | None:
    """What stands in the way of an order; None where nothing does.

    A lock stops every restart, and no override helps. A machine in mid-cycle is neither shut down nor restarted, and
    a line's machine is not shut down during its shift, unless the one who orders overrides that.
    """
    if action == "restart" and situation.locked_by is not None:
        why = f" ({situation.lock_reason})" if situation.lock_reason else ""
        return Obstacle(
            "device_locked",
            f"{situation.device_id} is locked out by {situation.locked_by}{why}; it restarts only after its holder "
            "has released it.",
            overridable=False,
        )
    if override:
        return None
    disturbed = disturbance(action, situation)
    if disturbed is None:
        return None
    return Obstacle(
        "override_needed",
        f"{situation.device_id} is {disturbed}. Repeat the order with override to do it all the same.",
        overridable=True,
    )


def disturbance(action: Action, situation: Situation) -> str | None:
    """What an order would disturb, in the words after "is"; None where it disturbs nothing."""
    if action in DISTURBS_CYCLE and situation.state == "running":
        return "in mid-cycle"
    if action in DISTURBS_SHIFT and situation.in_shift and situation.state != "failed":
        return "in shift"
    return None


def situation_of(machine: Machine) -> Situation:
    """A machine as far as an order to it is concerned."""
    lock = machine.lock
    return Situation(
        device_id=machine.device_id,
        state=machine.state,
        in_shift=machine.in_shift,
        locked_by=None if lock is None else lock.holder,
        lock_reason="" if lock is None else lock.reason,
    )
