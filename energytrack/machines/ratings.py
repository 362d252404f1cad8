"""The ratings of a type: figures that all its machines have in common."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from energytrack.fields import Name

Positive = Annotated[float, Meta(gt=0)]
NotNegative = Annotated[float, Meta(ge=0)]
Fraction = Annotated[float, Meta(ge=0, le=1)]


class Thermal(Struct, frozen=True, forbid_unknown_fields=True):
    """How a machine warms up: first-order lag towards ambient + rise times the square of its load."""

    rise_celsius: Positive
    """Above ambient, at rated current, in the long run."""
    time_constant_minutes: Positive
    limit_celsius: Positive
    """Above this temperature the machine is too hot."""


class Circuit(Struct, frozen=True, forbid_unknown_fields=True):
    """A machine's hydraulic or pneumatic circuit."""

    kind: Literal["hydraulic", "pneumatic"]
    nominal_bar: Positive
    droop_bar: NotNegative
    """Pressure drop at full load."""
    standby_bar: NotNegative
    """Remaining pressure when the machine is stopped."""
    time_constant_seconds: Positive
    minimum_bar: NotNegative
    """Below this a running machine has lost its pressure."""


class Rating(Struct, frozen=True, forbid_unknown_fields=True):
    """The figures that all machines of one type have in common."""

    prefix: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9]{0,11}\Z")]
    """Prefix of device ids: `cnc` makes `cnc-0001`, `cnc-0002` and so on."""
    volts: Positive
    """Line to line."""
    power_factor: Annotated[float, Meta(gt=0, le=1)]
    standby_amperes: NotNegative
    """Drawn while stopped, by the controller and its cabinet."""
    idle_amperes: Positive
    """Drawn while running without a job."""
    rated_amperes: Positive
    """Drawn at full load."""
    inrush: Annotated[float, Meta(ge=1, le=8)]
    """Peak current at a start, as a multiple of the rated current."""
    job_minutes: tuple[Positive, Positive]
    """Shortest and longest job."""
    gap_minutes: tuple[Positive, Positive]
    """Shortest and longest pause between jobs."""
    job_load: tuple[Fraction, Fraction]
    """Lightest and heaviest job, as a fraction of the rated load."""
    thermal: Thermal
    circuit: Circuit
    run_up_seconds: Positive = 4.0
    """From standstill to full speed; the inrush current decays meanwhile."""
    run_down_seconds: Positive = 3.0
    """From full speed to standstill."""
    cycle_swing: Fraction = 0.0
    """How far the load of a simulated machine falls while parts are changed, as a fraction of the job's."""
    faults: tuple[Name, ...] = ()
    """The failure modes of simulated machines of this type."""
