"""Frequency and speed of everything that goes wrong, as plain numbers for the pure modules."""

from msgspec import Struct
from msgspec.structs import replace


class Rates(Struct, frozen=True):
    """Every rate of the simulated plant."""

    wear_speed: float = 1.0
    """How many times faster than in a real plant defects grow."""
    onset_speed: float = 1.0
    """How many times more often defects begin, and sudden failures come."""
    repair_speed: float = 1.0
    """How many times faster repairs are done, and how many times more often maintenance is planned."""
    sudden_per_year: float = 1.0
    """Failures without warning, per machine and year of work."""
    meaningless_per_day: float = 0.15
    """Fault codes without a cause, per machine and day of work."""
    planned_days: float = 30.0
    """Between two planned maintenances of a machine."""
    lost_per_day: float = 0.01
    """Sensor faults, per sensor and day: no value."""
    stuck_per_day: float = 0.004
    """The same value again and again."""
    spiking_per_day: float = 0.004
    """Occasional extreme values."""
    drifting_per_day: float = 0.004
    """A growing deviation."""

    def at_rest(self) -> "Rates":
        """The same rates without faults: no wear, no failures, no fault codes."""
        return replace(self, wear_speed=0.0, onset_speed=0.0, meaningless_per_day=0.0)
