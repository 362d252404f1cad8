"""The plan of a bulk order: which machines get it, which are skipped and why, and the saving. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from control_api.devices.rules import Machine
from control_api.orders.rules import disturbance
from energytrack.fields import Action, State
from energytrack.machines.power import power_watts
from energytrack.plant import Plant

NOTHING_TO_DO: Final[Mapping[Action, frozenset[State]]] = {
    "shutdown": frozenset({"stopped"}),
    "restart": frozenset({"running", "idle"}),
}


class Selection(Struct, frozen=True, kw_only=True):
    """A selection of machines; each given field restricts it."""

    line: str | None = None
    device_type: str | None = None
    idle_minutes: float | None = None
    """Idle for at least this long."""
    device_ids: tuple[str, ...] | None = None

    def select(self, machines: Iterable[Machine], now: datetime) -> Sequence[Machine]:
        """The machines in the selection."""
        device_ids = None if self.device_ids is None else frozenset(self.device_ids)
        return [
            machine
            for machine in machines
            if self.line in (None, machine.line)
            and self.device_type in (None, machine.device_type)
            and (device_ids is None or machine.device_id in device_ids)
            and (self.idle_minutes is None or _idle_for(machine, timedelta(minutes=self.idle_minutes), now))
        ]


class PlanStep(Struct, frozen=True):
    """What a plan does with one machine."""

    device_id: str
    why_not: str | None
    """Why the machine is skipped, as words after "is"; None if it gets the order."""
    saves_watts: float
    """Power saved by the order; 0 if unknown."""


class BulkPlan(Struct, frozen=True):
    """What a bulk order would do."""

    action: Action
    steps: tuple[PlanStep, ...]

    @property
    def ordered(self) -> Sequence[PlanStep]:
        """The steps whose machines get the order."""
        return [step for step in self.steps if step.why_not is None]

    @property
    def saves_watts(self) -> float:
        """Power saved by all steps together."""
        return sum(step.saves_watts for step in self.ordered)

    def sentence(self) -> str:
        """The plan in words, such as "Stops 3 machines, saves 4.2 kW; 1 is in mid-cycle and is skipped"."""
        verb = "Stops" if self.action == "shutdown" else "Restarts"
        count = len(self.ordered)
        words = f"{verb} {count} machine{'' if count == 1 else 's'}" if count else f"{verb} no machine"
        if self.saves_watts > 0:
            words += f", saves {self.saves_watts / 1000:.1f} kW"
        reasons: dict[str, int] = {}
        for step in self.steps:
            if step.why_not is not None:
                reasons[step.why_not] = reasons.get(step.why_not, 0) + 1
        for reason, skipped in reasons.items():
            verb = "is" if skipped == 1 else "are"
            words += f"; {skipped} {verb} {reason} and {verb} skipped"
        return words + "."


def plan(action: Action, machines: Iterable[Machine], *, plant: Plant, override: bool) -> BulkPlan:
    """The plan for an order to these machines; steps are sorted by machine id."""
    return BulkPlan(
        action,
        tuple(
            PlanStep(
                machine.device_id,
                _why_not(action, machine, override=override),
                _saved_watts(machine, plant) if action == "shutdown" else 0.0,
            )
            for machine in sorted(machines, key=lambda machine: machine.device_id)
        ),
    )


def _why_not(action: Action, machine: Machine, *, override: bool) -> str | None:
    if action == "restart" and machine.lock is not None:
        return "locked out"
    if machine.silent:
        return "silent"
    if machine.open_order is not None:
        return "busy with another order"
    if machine.state in NOTHING_TO_DO[action]:
        return f"already {machine.state}"
    return None if override else disturbance(action, machine)


def _idle_for(machine: Machine, least: timedelta, now: datetime) -> bool:
    return machine.state == "idle" and machine.state_since is not None and now - machine.state_since >= least


def _saved_watts(machine: Machine, plant: Plant) -> float:
    rating = plant.rating(machine.device_type) if machine.device_type else None
    if rating is None or machine.power_watts is None:
        return 0.0
    return max(machine.power_watts - power_watts(rating.standby_amperes, rating), 0.0)
