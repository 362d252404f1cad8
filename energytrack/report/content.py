"""The content of a month's report: frozen values, independent of any language."""

from collections.abc import Mapping
from datetime import date, datetime

from msgspec import Struct

from energytrack.baselines.validity import Grade
from energytrack.bill.invoice import Bill
from energytrack.bill.load import Load, Month
from energytrack.ledger.correction import Correction
from energytrack.ledger.emissions import Emissions
from energytrack.ledger.sums import EnergySums
from energytrack.metering.quarters import QUARTER_SECONDS
from energytrack.plant.file import Language
from energytrack.plant_meters.rules import KWH, Medium


class LineUse(Struct, frozen=True):
    """The energy of a line."""

    name: str | None
    """None for machines whose line is not known."""
    machines: int
    sums: EnergySums
    emissions: Emissions


class MachineUse(Struct, frozen=True):
    """The energy of a machine."""

    device_id: str
    device_type: str | None
    line: str | None
    sums: EnergySums
    emissions: Emissions


class DayUse(Struct, frozen=True):
    """The plant's energy on a day."""

    date: date
    sums: EnergySums
    holiday: str | None
    """The name of a holiday or a shutdown."""


class AlarmsOfRule(Struct, frozen=True):
    """The alarms of a rule, and what technicians found."""

    rule: str
    alarms: int
    true_alarms: int
    false_alarms: int

    @property
    def not_judged(self) -> int:
        """Alarms without a verdict."""
        return self.alarms - self.true_alarms - self.false_alarms


class ModelRecord(Struct, frozen=True):
    """The model's performance in the month."""

    version: str | None
    """The version of the model in use at the end; None if there is none."""
    trained_at: datetime | None
    failures: int
    """Failures of machines in the month."""
    warned: int
    """Those of machines whose risk had raised an alarm within a day before."""
    retrained: int
    promoted: int


class ReportedMeasure(Struct, frozen=True):
    """A measure to save energy, and its proved saving in the month."""

    title: str
    since: date
    expected_kwh: float | None
    proved_kwh: float | None
    """None if no saving is proved."""
    low_kwh: float | None
    high_kwh: float | None
    saved: float | None
    """In the currency of the contract."""


class MeterUse(Struct, frozen=True, kw_only=True):
    """The amounts of a plant meter, in its own unit."""

    meter_id: str
    medium: Medium
    unit: str
    used: float | None
    known_ratio: float
    rest: float | None
    """The rest, which no meter below it covers; None if nothing could be compared, or if nothing is below it."""
    compared_ratio: float
    base_load: float | None
    """Units per hour, mean over the nights."""
    emissions_kg: float | None
    suspect: float
    """In no other figure until somebody decides."""
    is_exceeded: bool
    """Those below it count clearly more."""


class BaselineCourse(Struct, frozen=True, kw_only=True):
    """Energy of the month compared with a baseline."""

    name: str
    grade: Grade
    days: int
    """The number of days of the month that count."""
    used_kwh: float
    expected_kwh: float
    cusum: tuple[tuple[date, float], ...]
    """Actual minus expected, summed up since the baseline period."""


class Carpet(Struct, frozen=True):
    """A year of the plant, hour by hour: mean power in kW by day, 24 hours each; None if nothing is known."""

    first: date
    days: tuple[tuple[float | None, ...], ...]


class Report(Struct, frozen=True, kw_only=True):
    """The report about a month of a plant."""

    plant: str
    language: Language
    zone: str
    month: Month
    made_at: datetime
    """Aware, plant time."""
    bill: Bill
    load: Load
    before: Bill | None
    """The month before; None if nothing is known of it."""
    days: tuple[DayUse, ...]
    lines: tuple[LineUse, ...]
    """The one with the highest cost first."""
    machines: tuple[MachineUse, ...]
    """The one with the highest idle cost first."""
    emissions: Emissions
    emission_sources: tuple[str, ...]
    corrections: tuple[Correction, ...]
    alarms: tuple[AlarmsOfRule, ...]
    model: ModelRecord
    measures: tuple[ReportedMeasure, ...] = ()
    meters: tuple[MeterUse, ...] = ()
    units: Mapping[str, str] = {}
    """The units of plant meters' amounts, by id."""
    courses: tuple[BaselineCourse, ...] = ()
    carpet: Carpet | None = None
    """None unless it was requested: it reads a whole year."""

    def unit_of(self, device_id: str) -> str:
        """The unit of a machine's or a meter's amounts."""
        return self.units.get(device_id, KWH)

    @property
    def is_known(self) -> bool:
        """Whether anything is known of the month."""
        return self.bill.until is not None

    @property
    def is_complete(self) -> bool:
        """Whether readings reach to within a quarter of an hour of its end."""
        end = self.load.start + len(self.load.kwh) * QUARTER_SECONDS
        return self.load.until is not None and self.load.until > end - QUARTER_SECONDS

    @property
    def total(self) -> float | None:
        """The month's cost by the contract; None if nothing is known of it."""
        return self.bill.invoice.total if self.is_known else None

    @property
    def location_kg(self) -> float | None:
        """Location-based emissions in kg CO2e."""
        return self.emissions.known_location_kg if self.is_known else None

    @property
    def market_kg(self) -> float | None:
        """Market-based emissions in kg CO2e."""
        return self.emissions.known_market_kg if self.is_known else None

    @property
    def sums(self) -> EnergySums:
        """The plant's energy and cost of the month."""
        return self.bill.sums
