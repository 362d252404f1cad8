"""The entries of a plant file, field by field; `energytrack.plant.checks` checks them together."""

from datetime import timedelta
from typing import Annotated, Literal

from msgspec import Meta, Struct

from energytrack.contract.calendar import CalendarRules, Shift
from energytrack.contract.costs import Costs
from energytrack.contract.duty import DutyRules
from energytrack.contract.tariff import Tariff
from energytrack.events import LONGEST_LOT
from energytrack.fields import READING_AHEAD, DeviceId, Name, State
from energytrack.machines.ratings import Fraction, NotNegative, Positive, Rating
from energytrack.metering.limits import DEFAULT_WATTS, GAP_SECONDS
from energytrack.peak.rules import PeakRules
from energytrack.plant_meters.rules import PlantMeter
from energytrack.production.rules import ProductionRules

Language = Literal["en", "de", "es", "fr", "pl"]
"""The language of reports and their mails."""
LotMinutes = Annotated[float, Meta(gt=0, le=LONGEST_LOT // timedelta(minutes=1))]


class Line(Struct, frozen=True, forbid_unknown_fields=True):
    """A production line: how many machines of each type, and the shifts it works."""

    name: Name
    machines: dict[Name, Annotated[int, Meta(ge=0, le=100_000)]]
    shifts: tuple[Name, ...]
    left_idling: Fraction = 0.0
    """Share of its machines that idle after work: the waste that Energy Track finds."""
    unmanned: Fraction = 0.0
    """Share of its machines that work around the clock, without people."""
    lot_minutes: LotMinutes | None = None
    """Simulated machines of this line have no counter: events report their finished parts in this interval, as a
    manufacturing execution system does.
    """


class Device(Struct, frozen=True, forbid_unknown_fields=True):
    """One machine. Machines listed here are added to those that a line's counts generate."""

    device_id: DeviceId
    device_type: Name
    line: Name
    age_years: NotNegative | None = None
    """None: not known."""
    meter_gap_minutes: Positive | None = None
    """Without a register, a gap of up to this length between two readings is estimated; None: the default for all
    machines.
    """
    clock_offset: float = 0.0
    """Seconds that its clock is ahead of the correct time; negative if behind. Subtracted from its timestamps."""
    clock_zone: str | None = None
    """The IANA time zone whose local time the machine sends, without a zone or as if it were UTC."""
    states: dict[str, State] = {}
    """The meaning of the machine's own words for states, if they differ from those of the plant."""
    parts_signal: Name | None = None
    """The signal that counts parts, if the machine does not send `parts`."""
    scrap_signal: Name | None = None
    """The signal that counts the rejected ones among them, if it does not send `scrap`."""
    cycle_seconds: Positive | None = None
    """Seconds per part at full speed; None: the value of `[production]` for its type."""


class Metering(Struct, frozen=True, forbid_unknown_fields=True):
    """Settings for the meters of all machines."""

    gap_minutes: Positive = GAP_SECONDS / 60.0
    """Without a register, a gap of up to this length between two readings is estimated; the energy of a longer one is
    unknown.
    """
    limit_kw: Positive = DEFAULT_WATTS / 1000.0
    """The maximum power of a machine without known type, current and history."""


class Clocks(Struct, frozen=True, forbid_unknown_fields=True):
    """Settings for the clocks of all machines."""

    ahead_minutes: Positive = READING_AHEAD.total_seconds() / 60.0
    """A reading that is further ahead of our clock is refused."""
    zone: str | None = None
    """The IANA time zone of times without a zone, for machines without a `clock_zone`."""


class MessageRules(Struct, frozen=True, forbid_unknown_fields=True):
    """Settings for the messages of all machines."""

    hold_seconds: NotNegative = 10.0
    """A value that a message lacks is the last one reported, for this long; then it is unknown."""


class PlantFile(Struct, frozen=True, forbid_unknown_fields=True):
    """A whole plant file."""

    name: Name
    time_zone: str
    ambient_celsius: float
    tariff: Tariff
    shifts: tuple[Shift, ...]
    types: dict[Name, Rating]
    lines: Annotated[tuple[Line, ...], Meta(min_length=1)]
    devices: tuple[Device, ...] = ()
    language: Language = "en"
    calendar: CalendarRules = CalendarRules()
    metering: Metering = Metering()
    clocks: Clocks = Clocks()
    messages: MessageRules = MessageRules()
    peak: PeakRules = PeakRules()
    states: dict[str, State] = {}
    """The meaning of machines' own words for states: `{ "2" = "running", AUTO = "running" }`."""
    duty: DutyRules | None = None
    """Who is paged about alarms; None: nobody by the control API."""
    costs: Costs = Costs()
    components: dict[Name, Name] = {}
    """The component that fails in each failure mode, for failures that name none: `{ bearing_wear = "bearing" }`."""
    production: ProductionRules = ProductionRules()
    meters: dict[DeviceId, PlantMeter] = {}
    """Plant meters, by the id under which they send."""
