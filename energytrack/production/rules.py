"""[production] of the plant file: what counts as a stop, the reasons for stops, and ideal cycles."""

from collections.abc import Mapping
from typing import Annotated, Final

from msgspec import Meta, Struct

from energytrack.fields import Name
from energytrack.machines.ratings import Fraction, Positive

ReasonCode = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,31}\Z")]


class StopReason(Struct, frozen=True, forbid_unknown_fields=True):
    """A reason why a machine is stopped; operators tap one for each stop."""

    code: ReasonCode
    """The reason in the API, in metrics and in the database."""
    text: Annotated[str, Meta(min_length=1, max_length=60)]
    """The text on the button."""
    planned: bool = False
    """The machine was not meant to produce: the stop is no loss of availability (ISO 22400: planned down time)."""


BREAKDOWN: Final = StopReason("breakdown", "Breakdown")
MAINTENANCE: Final = StopReason("maintenance", "Planned maintenance", planned=True)
REASONS: Final = (
    StopReason("material", "No material"),
    StopReason("setup", "Set-up, changeover"),
    StopReason("tool", "Tool change"),
    StopReason("jam", "Jam, minor fault"),
    StopReason("quality", "Quality problem"),
    StopReason("operator", "No operator"),
    StopReason("downstream", "Next machine full"),
    StopReason("cleaning", "Cleaning"),
    BREAKDOWN,
    MAINTENANCE,
    StopReason("no_order", "No order", planned=True),
)
"""The reasons if the plant file names none."""


class KindRules(Struct, frozen=True, forbid_unknown_fields=True):
    """Settings for the machines of one type."""

    cycle_seconds: Positive | None = None
    """Seconds per part at full speed (ISO 22400: planned run time per item); None: found for each machine."""
    good_share: Fraction | None = None
    """The share of good parts that is assumed without a counter of rejected parts; None: not known."""
    stop_minutes: Positive | None = None
    """A shorter stop is a micro-stop; None: the value for all machines."""
    parts_per_cycle: Positive | None = None
    """Parts per cycle of its current, for machines without a counter; None: no cycles are detected."""


class ProductionRules(Struct, frozen=True, forbid_unknown_fields=True):
    """Settings for stops, cycles and OEE."""

    stop_minutes: Positive = 2.0
    """A shorter stop is a micro-stop: it is counted, but nobody is asked for its reason."""
    ideal_percent: Annotated[float, Meta(gt=0, le=50)] = 10.0
    """Without `cycle_seconds`: the ideal cycle is this percentile of a machine's own quarter hours."""
    reasons: tuple[StopReason, ...] = REASONS
    types: Mapping[Name, KindRules] = {}

    def kind(self, device_type: str | None) -> KindRules:
        """The settings of a type; empty if it has none."""
        return self.types.get(device_type or "", _NOTHING_SAID)

    def stop_seconds(self, device_type: str | None) -> float:
        """The shortest stop that counts, in seconds; shorter ones are micro-stops."""
        own = self.kind(device_type).stop_minutes
        return 60.0 * (self.stop_minutes if own is None else own)

    def reason(self, code: str) -> StopReason | None:
        """The reason of a code, including those that machines report themselves; None if there is none."""
        return next((each for each in (*self.reasons, BREAKDOWN, MAINTENANCE) if each.code == code), None)


_NOTHING_SAID: Final = KindRules()
