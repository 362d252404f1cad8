"""Which machines are unknown, and the lines to add to plant.toml. Pure."""

from collections.abc import Iterable

from energytrack.machines.state import MachineState
from energytrack.plant import Plant


def unknown_machines(stored: Iterable[MachineState], plant: Plant) -> list[MachineState]:
    """Those that the plant file lists neither as a machine nor as a meter, by id."""
    unlisted = (each for each in stored if plant.device(each.device_id) is None and each.device_id not in plant.meters)
    return sorted(unlisted, key=lambda each: each.device_id)


def toml_lines(latest: MachineState, plant: Plant) -> str:
    """The lines for plant.toml; what the machine does not send, or sends wrongly, is left as a question."""
    kind = latest.device_type if latest.device_type in plant.types else None
    line = latest.line if latest.line in plant.lines else None
    types, lines = " | ".join(plant.types), " | ".join(plant.lines)
    return (
        "[[devices]]\n"
        f'device_id = "{latest.device_id}"\n'
        f'device_type = "{kind or "?"}"{"" if kind else f"  # {types}"}\n'
        f'line = "{line or "?"}"{"" if line else f"  # {lines}"}\n'
    )
