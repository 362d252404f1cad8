"""[meters] of the plant file: plant meters with their medium, unit and place in the tree. Pure."""

from collections.abc import Mapping
from typing import Annotated, Final, Literal, get_args

from msgspec import Meta, Struct
from msgspec.structs import replace

from energytrack.fields import DeviceId, Name, SignalName
from energytrack.machines.ratings import Positive
from energytrack.messages import Reading

Medium = Literal["electricity", "gas", "compressed_air", "water", "heat", "other"]
MEDIA: Final[tuple[Medium, ...]] = get_args(Medium)
KWH: Final = "kWh"
UNITS: Final[Mapping[Medium, str]] = {
    "electricity": KWH, "gas": "m³", "compressed_air": "m³", "water": "m³", "heat": KWH,
}  # fmt: skip
"""The unit of each medium if the plant file has none."""


class PlantMeter(Struct, frozen=True, forbid_unknown_fields=True):
    """A plant meter: a main meter, gas, compressed air, water, heat."""

    medium: Medium = "electricity"
    unit: Annotated[str, Meta(min_length=1, max_length=12)] | None = None
    """None: kWh for electricity and heat, m³ for gas, compressed air and water."""
    signal: SignalName | None = None
    """The signal that is its register, if it does not send `energy_kwh`."""
    factor: Positive = 1.0
    """Units per count of its register: the ratio of its current transformers, or the value of a pulse."""
    parent: DeviceId | None = None
    """The meter above it."""
    lines: tuple[Name, ...] = ()
    """Lines whose machines it feeds."""
    device_ids: tuple[DeviceId, ...] = ()
    """Machines that it feeds, whatever their line."""
    most_per_hour: Positive = 20_000.0
    """The most that can flow through it, in its unit per hour, until its own past shows that: more is suspect."""

    @property
    def measured_in(self) -> str:
        """The unit of its amounts."""
        return self.unit or UNITS.get(self.medium, "")


def register_only(reading: Reading, meter: PlantMeter) -> Reading:
    """The reading with only the meter's register, in units of the medium; its other fields are not a machine's."""
    count = reading.energy_kwh if meter.signal is None else reading.signals.get(meter.signal)
    return replace(
        reading, temperature=None, pressure=None, current=None, state=None, parts=None, scrap=None, signals={},
        device_type=None, line=None, energy_kwh=None if count is None or count < 0.0 else count * meter.factor,
    )  # fmt: skip
