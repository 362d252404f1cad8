"""The values of a meter, frozen, which `energytrack.metering.step` takes and returns.

Times are seconds since the epoch, energy is in joules, registers are in kilowatt hours as the machine sends them.
Every value travels as JSON, so that a meter can be stored and loaded again.
"""

from typing import Final, Literal, NamedTuple

from msgspec import Struct, field

from energytrack.metering.limits import Limits, UsageHistory
from energytrack.metering.reasons import Reason

Verdict = Literal["measured", "bridged", "estimated", "suspect"]
"""How an amount of energy was determined: from two good registers; the same, with a gap in between; from current and
ratings; or from an implausible register, whose energy is kept out of the bill until somebody decides."""
Basis = Literal["measured", "bridged", "estimated", "unknown"]
"""How the energy used in a period is known."""
VERDICTS: Final[tuple[Verdict, ...]] = ("measured", "bridged", "estimated", "suspect")
BASES: Final[tuple[Basis, ...]] = ("measured", "bridged", "estimated", "unknown")


class EnergyPart(Struct, frozen=True, gc=False):
    """Energy that one step counted, and the period of its use; `quarters.split` cuts it at quarter hours."""

    start: float
    end: float
    joules: float
    idle_joules: float
    """The part of it that was used while idle."""
    verdict: Verdict
    reason: Reason | None = None
    """Why it is not simply measured."""
    idle_estimated: bool = False
    """Whether idling was inferred from the current, because the machine reports no state."""


class CoverageSpan(Struct, frozen=True, gc=False):
    """A period and how the energy used in it is known; the covers of one machine never overlap."""

    start: float
    end: float
    basis: Basis


class MeterFinding(Struct, frozen=True, gc=False):
    """Something about a meter that people should know."""

    kind: Literal["meter_exchanged", "meter_suspect"]
    reason: Reason
    at: float
    before_kwh: float | None = None
    """The register that was trusted before."""
    after_kwh: float | None = None
    """The register that made the difference."""


class Totals(NamedTuple):
    """Joules by verdict and seconds by basis since the meter was started; no total ever falls."""

    opening: float
    """The register's own value when the meter was started, so that a new meter shows what the machine shows."""
    measured: float
    bridged: float
    estimated: float
    suspect: float
    idle: float
    """The part of measured, bridged and estimated energy that was used while idle."""
    idle_estimated: float
    """The part of `idle` where that was inferred from the current."""
    measured_seconds: float
    bridged_seconds: float
    estimated_seconds: float
    unknown_seconds: float

    @property
    def billed(self) -> float:
        """The energy that counts: the opening register and everything but suspect energy."""
        return self.opening + self.measured + self.bridged + self.estimated


class Register(Struct, frozen=True, gc=False):
    """The trusted register, and what has happened since it last moved."""

    kwh: float
    seen_at: float
    """When it was last read with this value."""
    moved_at: float
    """When its value last changed, or was first seen."""
    moves: int = 0
    repeats: int = 0
    """How many readings brought the same value again, since the meter was started."""
    credit: float = 0.0
    """Joules that a move may exceed the limit by: one count of a coarse register, saved up again over time."""
    period: float | None = None
    """Seconds between two moves, as far as they look regular."""
    count_kwh: float = 1.0
    """Its resolution: the finest step that it was seen to make."""
    guess: float = 0.0
    """Joules by current since it moved."""
    guess_idle: float = 0.0
    idle_seconds: float = 0.0
    blind_seconds: float = 0.0
    """Seconds since it moved for which the current shows nothing."""
    counted_joules: float = field(default=0.0, name="lent")
    """The part of `guess` that was counted already, to be set off against the register's next move."""
    bridged: bool = False
    """There was a gap in the readings since it moved."""
    idle_estimated: bool = False


class ImplausibleRegister(Struct, frozen=True, gc=False):
    """An implausible register: the next readings will show whether it is a blink, another meter or another unit."""

    first_kwh: float
    first_at: float
    kwh: float
    moved_at: float
    credit: float
    rises: int = 0
    """How often in a row it rose as a machine's register would."""
    falls: int = 0
    leaps: int = 0
    guess: float = 0.0
    """Joules by current since it moved."""
    blind_seconds: float = 0.0


class FormerRegister(Struct, frozen=True, gc=False):
    """The register that was trusted before the present one, in case it comes back."""

    kwh: float
    at: float
    billed: float
    """The total that was billed when it was left."""


class Distrust(Struct, frozen=True, gc=False):
    """Why the register is not trusted at present."""

    reason: Reason
    since: float
    good: int = 0
    """How many moves in a row were plausible."""


class MeterRecord(Struct, frozen=True, gc=False):
    """The part of a meter that an ordinary reading leaves unchanged: rare energy and time, and findings.

    It is handed on from reading to reading, so that an ordinary reading costs no more than what it changes.
    """

    habits: UsageHistory
    opening: float = 0.0
    """Joules; see `Totals`, as for the next six."""
    bridged: float = 0.0
    estimated: float = 0.0
    suspect: float = 0.0
    bridged_seconds: float = 0.0
    estimated_seconds: float = 0.0
    unknown_seconds: float = 0.0
    implausible: ImplausibleRegister | None = field(default=None, name="doubt")
    """A value that does not fit, until the next ones show what it is; stored as `doubt`, by its former name."""
    former: FormerRegister | None = None
    distrust: Distrust | None = None
    found: tuple[tuple[Reason, float], ...] = ()
    """Findings and when each was last reported."""
    idle_known: bool = False
    """Whether state or current has ever shown if the machine was idle."""


class Meter(Struct, frozen=True, gc=False):
    """A machine's use of energy, how well that is known, and the state from which counting continues."""

    at: float
    """Time of the last reading."""
    watts: float | None
    """Power at the last reading, by its current; None if that is not known."""
    idle: bool | None
    """Whether the machine was idle; None if unknown."""
    idle_reported: bool = field(name="idle_told")
    """Whether the machine reported its state; otherwise idling is inferred from the current. Stored as `idle_told`."""
    covered_at: float
    """Up to this time the coverage is decided."""
    record: MeterRecord
    register: Register | None = None
    measured: float = 0.0
    """Joules; see `Totals`, as for the next three."""
    measured_seconds: float = 0.0
    idle_joules: float = 0.0
    idle_estimated: float = 0.0

    @property
    def totals(self) -> Totals:
        """Energy and time since the meter was started."""
        record = self.record
        return Totals(
            record.opening, self.measured, record.bridged, record.estimated, record.suspect,
            self.idle_joules, self.idle_estimated,
            self.measured_seconds, record.bridged_seconds, record.estimated_seconds, record.unknown_seconds,
        )  # fmt: skip

    @property
    def billed(self) -> float:
        """Joules that count, with the opening register."""
        return self.record.opening + self.measured + self.record.bridged + self.record.estimated


class Observation(Struct, frozen=True, gc=False):
    """One reading with what the rules need to judge it: the time and the energy by current since the last one."""

    at: float
    kwh: float | None
    seconds: float
    """Since the reading before."""
    guess: float | None
    """Joules by current in these seconds; None if the current does not show it."""
    limits: Limits
    limit: float
    """The most that the machine can use, in watts."""
    watts: float | None
    """Power now, by the current."""
    idle: bool | None
    """Whether the machine is idle now; None if unknown."""
    idle_reported: bool
    habits: UsageHistory


class Step(Struct, frozen=True, gc=False):
    """The result of one reading."""

    meter: Meter
    parts: tuple[EnergyPart, ...] = ()
    covers: tuple[CoverageSpan, ...] = ()
    findings: tuple[MeterFinding, ...] = ()
