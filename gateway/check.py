"""`gateway check`: a meter's live values beside what physics expects, before its machine is added."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from energytrack.errors import InvalidPlant
from energytrack.machines.power import JOULES_PER_KWH
from energytrack.plant import load_plant
from gateway.files import MeteredMachine, plant_lines
from gateway.meter import PolledMeter, watch
from gateway.physics.energy import expected_watts, mean_watts
from gateway.physics.finding import Finding, MeterSnapshot
from gateway.physics.judge import findings
from gateway.profile import MeterProfile, Quantity

UNITS: Final[Mapping[str, str]] = {"voltage": "V", "current": "A", "power": "W", "frequency": "Hz", "energy": "kWh"}
STYLES: Final = {"ok": "green", "unproven": "yellow", "wrong": "bold red"}
MARKS: Final = {"ok": "✓ right", "unproven": "? unproven", "wrong": "✗ wrong"}


def check(meter: PolledMeter, profile: MeterProfile, seconds: float, console: Console) -> list[Finding]:
    """Read the meter for some seconds, and print its values and the findings."""
    console.print(f"[bold]{profile.name}[/]\n{profile.source}", highlight=False)
    with console.status(f"reading for {seconds:.0f} s"):
        snapshots = watch(meter, profile, seconds)
    show(profile, snapshots, console)
    problems = findings(profile, snapshots)
    for finding in problems:
        mark = f"[{STYLES[finding.grade]}]{MARKS[finding.grade]}[/]"
        console.print(f"{mark} {finding.subject}: {finding.text}", highlight=False)
        if finding.remedy:
            console.print(f"   → {finding.remedy}", highlight=False)
    return problems


def show(profile: MeterProfile, snapshots: Sequence[MeterSnapshot], console: Console) -> None:
    """The values as a table."""
    last = snapshots[-1].values
    table = Table("value", "register", "read", "expected")
    for quantity, register in profile.values.items():
        table.add_row(
            quantity,
            f"{register.address} {profile.number_type(quantity)}",
            f"{last[quantity]:.6g} {_unit(quantity)}",
            _expected(quantity, snapshots),
        )
    console.print(table)


def _expected(quantity: Quantity, snapshots: Sequence[MeterSnapshot]) -> str:
    last = snapshots[-1].values
    if quantity == "power":
        watts = expected_watts(last)
        return f"{watts:.6g} W by U·I·√3·pf" if watts is not None else ""
    if quantity == "energy_kwh":
        used = mean_watts(snapshots)
        seconds = snapshots[-1].seconds - snapshots[0].seconds
        before = snapshots[0].values.get("energy_kwh")
        if used is None or before is None:
            return ""
        return f"{before + used * seconds / JOULES_PER_KWH:.6f} kWh by power"
    return ""


def _unit(quantity: str) -> str:
    return "" if quantity == "power_factor" else UNITS[quantity.split("_", maxsplit=1)[0]]


def write(folder: Path, machine: MeteredMachine, content: str, console: Console) -> Path:
    """Write the file for Telegraf, and show the lines for plant.toml."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{machine.device_id}.conf"
    path.write_text(content, encoding="utf-8")
    console.print(f"\nwritten: {path}\nfor plant.toml:\n", highlight=False)
    console.print(plant_lines(machine), highlight=False, markup=False)
    return path


def problem_with(machine: MeteredMachine, plant_file: Path) -> str:
    """What the plant file lacks about the machine, in words; empty if it has its type and line."""
    try:
        plant = load_plant(plant_file)
    except (InvalidPlant, OSError) as error:
        return str(error)
    if machine.device_type not in plant.types:
        return f"there is no type {machine.device_type!r}; there are {', '.join(plant.types)} (--type)"
    if machine.line not in plant.lines:
        return f"there is no line {machine.line!r}; there are {', '.join(plant.lines)} (--line)"
    return ""
