"""Settings of the simulator and of the replay."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar, Final, Literal, NamedTuple

from pydantic import Field, SecretStr, field_validator

from energytrack.security.signatures import CommandVerifier
from energytrack.settings import Block
from simulator.machines.rates import Rates

ProfileName = Literal["demo", "plant"]


class Profile(NamedTuple):
    """A pace of wear, and what fits it."""

    rates: Rates
    worn: float
    """Share of machines that start worn."""
    horizon_hours: float
    """How far ahead a model of such a plant looks: a day of its wear."""
    past: tuple[int, float]
    """Machines and days from which a first model learns."""


PROFILES: Final[Mapping[ProfileName, Profile]] = MappingProxyType(
    {
        "plant": Profile(Rates(), 0.0, 24.0, (60, 60.0)),
        # A day of wear in twenty minutes.
        "demo": Profile(Rates(wear_speed=72.0, onset_speed=20.0, repair_speed=24.0), 0.025, 24.0 / 72.0, (300, 2.0)),
    }
)

Speed = float | None
Share = float


class SimulatorSettings(Block):
    """The simulated plant: its seed, its speed, and the frequency of faults."""

    prefix: ClassVar[str] = "ENERGYTRACK_SIMULATOR_"

    seed: int = Field(1, ge=0, le=2**63, description="The same seed generates the same plant")
    interval_seconds: float = Field(
        1.0, ge=0.05, le=3600, description="Seconds between two readings of a machine; above 1 the machines take turns"
    )
    profile: ProfileName = Field(
        "demo", description="Speed of wear: `plant` as in reality, `demo` with failures within minutes"
    )
    wear_speed: Speed = Field(None, ge=0, description="How many times faster defects grow (the profile's, if not set)")
    onset_speed: Speed = Field(
        None, ge=0, description="How many times more often defects begin and sudden failures come (the profile's)"
    )
    repair_speed: Speed = Field(
        None,
        gt=0,
        description="How many times faster repairs are, and how many times more frequent planned "
        "maintenance is (the profile's)",
    )
    worn_share: Speed = Field(
        None, ge=0, le=1, description="Share of machines that are worn when the plant is first started (the profile's)"
    )
    sudden_per_year: float = Field(1.0, ge=0, description="Failures without warning, per machine-year of work")
    meaningless_per_day: float = Field(0.15, ge=0, description="Fault codes without a cause, per machine-day of work")
    planned_days: float = Field(30.0, gt=0, description="Days between two planned maintenances of a machine")
    lost_per_day: float = Field(0.01, ge=0, description="Sensors lost for a while, per sensor-day")
    stuck_per_day: float = Field(0.004, ge=0, description="Sensors stuck for a while, per sensor-day")
    spiking_per_day: float = Field(0.004, ge=0, description="Sensors spiking for a while, per sensor-day")
    drifting_per_day: float = Field(0.004, ge=0, description="Sensors drifting off for a while, per sensor-day")
    late_share: Share = Field(0.0002, ge=0, le=1, description="Share of readings that the network delivers late")
    duplicate_share: Share = Field(0.0002, ge=0, le=1, description="Share of readings that it delivers twice")
    out_of_order_share: Share = Field(
        0.0002, ge=0, le=1, description="Share of readings that it delivers after the next one of their machine"
    )
    phases: int = Field(10, ge=1, le=100, description="Groups of machines whose readings are spread over each second")
    state_folder: Path = Field(
        Path("var/simulator"), description="Folder of the plant's saved state and of injected faults"
    )
    checkpoint_seconds: float = Field(10.0, gt=0, description="Seconds between two checkpoints of the plant's state")
    catch_up_seconds: float = Field(
        120.0,
        ge=0,
        description="Readings that are late by up to this many seconds are still sent; later ones are "
        "skipped and logged",
    )

    command_keys: SecretStr | None = Field(
        None,
        description="Public keys of the control API (`./et control_api public-key`), comma separated; with them the "
        "machines obey signed orders only. They are not secret, but may be in a file, like a secret",
    )

    @field_validator("command_keys")
    @classmethod
    def _are_keys(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            CommandVerifier.of(value.get_secret_value())
        return value

    def verifier(self) -> CommandVerifier | None:
        """Verifies orders; None if they are not signed."""
        return None if self.command_keys is None else CommandVerifier.of(self.command_keys.get_secret_value())

    def rates(self) -> Rates:
        """The rates: the profile's speeds, unless others are given."""
        pace = PROFILES[self.profile].rates
        return Rates(
            wear_speed=pace.wear_speed if self.wear_speed is None else self.wear_speed,
            onset_speed=pace.onset_speed if self.onset_speed is None else self.onset_speed,
            repair_speed=pace.repair_speed if self.repair_speed is None else self.repair_speed,
            sudden_per_year=self.sudden_per_year,
            meaningless_per_day=self.meaningless_per_day,
            planned_days=self.planned_days,
            lost_per_day=self.lost_per_day,
            stuck_per_day=self.stuck_per_day,
            spiking_per_day=self.spiking_per_day,
            drifting_per_day=self.drifting_per_day,
        )

    def worn(self) -> float:
        """Share of machines that start worn."""
        return PROFILES[self.profile].worn if self.worn_share is None else self.worn_share
