"""Whether an order may be given, and if not, the obstacle; the most serious first. Pure."""

from typing import Final

from msgspec import Struct

from control_api.devices.rules import Machine
from energytrack.fields import Action
from energytrack.security.names import name_of

DISTURBS_SHIFT: Final = frozenset({"shutdown"})
DISTURBS_CYCLE: Final = frozenset({"shutdown", "restart"})


class Obstacle(Struct, frozen=True):
    """Why an order is not given."""

    code: str
    """A key of `problems.TITLES`."""
    detail: str
    overridable: bool


def obstacle(action: Action, machine: Machine, *, override: bool) -> Obstacle | None:
    """The obstacle to an order; None if there is none.

    A lock prevents every restart, even with an override. A machine in mid-cycle is neither shut down nor restarted, and
    a machine is not shut down during its line's shift, without an override. The database ensures that a machine has at
    most one open order.
    """
    lock = machine.lock
    if action == "restart" and lock is not None:
        reason = f" ({lock.reason})" if lock.reason else ""
        return Obstacle(
            "device_locked",
            f"{machine.device_id} is locked out by {name_of(lock.holder)}{reason}; it can be restarted only after the "
            "lock is released.",
            overridable=False,
        )
    if override:
        return None
    disturbed = disturbance(action, machine)
    if disturbed is None:
        return None
    button = " (in Grafana: Stop now)" if action == "shutdown" else ""
    return Obstacle(
        "override_needed",
        f"{machine.device_id} is {disturbed}. Send the order again with override{button} to give it anyway.",
        overridable=True,
    )


def disturbance(action: Action, machine: Machine) -> str | None:
    """What an order would disturb, as words after "is"; None if nothing."""
    if action in DISTURBS_CYCLE and machine.state == "running":
        return "in mid-cycle"
    if action in DISTURBS_SHIFT and machine.in_shift and machine.state != "failed":
        return "in shift"
    return None
