"""Profiles of meters: which register holds which value, as data."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct

from energytrack.toml_files import decoded
from gateway.errors import InvalidFile, UnknownProfile

FOLDER: Final = Path(__file__).parent / "meters"

Quantity = Literal[
    "voltage_l1", "voltage_l2", "voltage_l3", "current_l1", "current_l2", "current_l3",
    "power_l1", "power_l2", "power_l3", "power", "power_factor", "frequency", "energy_kwh",
]  # fmt: skip
"""Volts between phase and neutral, amperes, watts, hertz, and the register of consumed energy in kWh."""
ByteOrder = Literal["ABCD", "CDAB", "BADC", "DCBA"]
NumberType = Literal["INT16", "UINT16", "INT32", "UINT32", "INT64", "UINT64", "FLOAT32", "FLOAT64"]
Kind = Literal["input", "holding"]
Scale = Annotated[float, Meta(ge=-1e9, le=1e9)]

REQUIRED: Final[tuple[Quantity, ...]] = ("current_l1", "energy_kwh")
PHASES: Final = ("l1", "l2", "l3")
VOLTAGES: Final[Mapping[str, Quantity]] = {"l1": "voltage_l1", "l2": "voltage_l2", "l3": "voltage_l3"}
CURRENTS: Final[Mapping[str, Quantity]] = {"l1": "current_l1", "l2": "current_l2", "l3": "current_l3"}
POWERS: Final[Mapping[str, Quantity]] = {"l1": "power_l1", "l2": "power_l2", "l3": "power_l3"}
"""By phase."""


class RegisterAddress(Struct, frozen=True, forbid_unknown_fields=True):
    """The register of one value, and how its number is encoded."""

    address: Annotated[int, Meta(ge=0, le=65535)]
    """As in the Modbus frame: counted from 0."""
    type: NumberType | None = None
    """None: that of the profile."""
    scale: Scale = 1.0
    """What the number is multiplied by to give volts, amperes, watts, hertz or kWh."""


class MeterProfile(Struct, frozen=True, forbid_unknown_fields=True):
    """How a kind of meter is read."""

    name: str
    source: str
    """The manual in which that stands."""
    register: Kind
    values: dict[Quantity, RegisterAddress]
    type: NumberType = "FLOAT32"
    byte_order: ByteOrder = "ABCD"

    def number_type(self, quantity: Quantity) -> NumberType:
        """The type of a value's number."""
        return self.values[quantity].type or self.type


def names() -> tuple[str, ...]:
    """The profiles that come with Energy Track."""
    return tuple(sorted(file.stem for file in FOLDER.glob("*.toml")))


def load(name: str) -> MeterProfile:
    """A profile by its name, or a file of the user's own; raises UnknownProfile, InvalidFile."""
    path = Path(name) if name.endswith(".toml") else FOLDER / f"{name}.toml"
    if not path.is_file():
        raise UnknownProfile(name, names())
    try:
        profile = decoded(path.read_bytes(), MeterProfile)
    except (OSError, msgspec.DecodeError) as error:
        raise InvalidFile(str(path), str(error)) from error
    missing = [quantity for quantity in REQUIRED if quantity not in profile.values]
    if missing:
        raise InvalidFile(str(path), f"there is no register for {', '.join(missing)}")
    return profile


def changed(profile: MeterProfile, byte_order: ByteOrder | None, factors: Mapping[Quantity, float]) -> MeterProfile:
    """The profile with another byte order, and with values multiplied by further factors."""
    values = {
        quantity: msgspec.structs.replace(register, scale=register.scale * factors.get(quantity, 1.0))
        for quantity, register in profile.values.items()
    }
    return msgspec.structs.replace(profile, byte_order=byte_order or profile.byte_order, values=values)
