"""Files for a meter that passed the check: one for Telegraf, and the lines for plant.toml."""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from gateway.profile import CURRENTS, MeterProfile, Quantity

SENT: Final[Mapping[Quantity, tuple[str, float]]] = {
    "current_l1": ("current_l1", 1.0),
    "current_l2": ("current_l2", 1.0),
    "current_l3": ("current_l3", 1.0),
    "power": ("power_kw", 0.001),
    "energy_kwh": ("energy_kwh", 1.0),
}
"""What is read once a second, by its name in the reading and the factor to its unit there."""


class MeteredMachine(Struct, frozen=True):
    """The machine behind the meter."""

    device_id: str
    device_type: str
    line: str


def telegraf_file(profile: MeterProfile, address: str, unit: int, machine: MeteredMachine) -> str:
    """A complete input for Telegraf (deploy/telegraf/machines)."""
    host, _, port = address.removeprefix("tcp://").rstrip("/").partition(":")
    fields = [
        f'      {{ address = {register.address}, name = "{SENT[quantity][0]}", '
        f'type = "{profile.number_type(quantity)}", scale = {_number(register.scale * SENT[quantity][1])} }},'
        for quantity, register in profile.values.items()
        if quantity in SENT
    ]
    phases = [quantity for quantity in CURRENTS.values() if quantity in profile.values]
    return f"""# {machine.device_id}: {profile.name}
# {profile.source}
# Written by `gateway check`.
[[inputs.modbus]]
  name = "{machine.device_id}"
  controller = "tcp://{host}:{port or 502}"
  timeout = "1s"
  configuration_type = "request"
  tagexclude = ["name", "type", "slave_id"]

  [[inputs.modbus.request]]
    slave_id = {unit}
    byte_order = "{profile.byte_order}"
    register = "{profile.register}"
    measurement = "part"
    fields = [
{chr(10).join(fields)}
    ]
    tags = {{ device_id = "{machine.device_id}", device_type = "{machine.device_type}", line = "{machine.line}" }}

# The current of a reading is the mean of the phases; each phase is sent as a separate signal.
[[processors.starlark]]
  namepass = ["part"]
  source = '''
def apply(metric):
    currents = [metric.fields[name] for name in phases if name in metric.fields]
    if currents:
        metric.fields["current"] = sum(currents) / len(currents)
    return metric

def sum(numbers):
    total = 0.0
    for number in numbers:
        total += number
    return total
'''
  [processors.starlark.tagpass]
    device_id = ["{machine.device_id}"]
  [processors.starlark.constants]
    phases = [{", ".join(f'"{name}"' for name in phases)}]
"""


def plant_lines(machine: MeteredMachine) -> str:
    """The lines for plant.toml."""
    return (
        f'[[devices]]\ndevice_id = "{machine.device_id}"\n'
        f'device_type = "{machine.device_type}"\nline = "{machine.line}"\n'
    )


def _number(value: float) -> str:
    """A number as TOML with a decimal point, which Telegraf requires."""
    text = f"{value:.12g}"
    return text if "." in text or "e" in text else f"{text}.0"
