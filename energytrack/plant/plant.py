"""A checked plant, with the lookups that services need."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo

from energytrack.contract.calendar import PlantCalendar, Shift
from energytrack.contract.costs import AlarmCosts, StopTerms
from energytrack.contract.duty import Duty
from energytrack.contract.emissions import Factors, medium_factor
from energytrack.contract.rates import ImportedFactors, ImportedRates, with_imports
from energytrack.contract.rota import RotaFile
from energytrack.contract.tariff import Band, MarketPrices, Price, TariffVersion, factors_at, price_at
from energytrack.errors import InvalidPlant
from energytrack.events import Failure
from energytrack.fields import State
from energytrack.machines.ratings import Rating
from energytrack.metering.limits import Limits, limits_of
from energytrack.plant.file import Device, Line, PlantFile
from energytrack.plant_meters.rules import PlantMeter


class Place(NamedTuple):
    """Type and line of a device; None if unknown."""

    device_type: str | None = None
    line: str | None = None


class CompanionFiles(NamedTuple):
    """The content of the files that a plant file names."""

    calendar: PlantCalendar
    market: Mapping[str, MarketPrices]
    rota: RotaFile | None = None


class Plant:
    """A plant without contradictions: `load_plant` has checked the file as a whole."""

    def __init__(self, described: PlantFile, devices: tuple[Device, ...], beside: CompanionFiles) -> None:
        self.name = described.name
        self.language = described.language
        self.peak = described.peak
        self.ambient_celsius = described.ambient_celsius
        self.tariff = described.tariff
        self.zone = ZoneInfo(described.time_zone)
        self.types: Mapping[str, Rating] = described.types
        self.lines: Mapping[str, Line] = {line.name: line for line in described.lines}
        self.shifts: Mapping[str, Shift] = {shift.name: shift for shift in described.shifts}
        self.devices = devices
        self.calendar = beside.calendar
        self.duty = (
            None
            if described.duty is None
            else Duty(described.duty, self.zone, kind_of=beside.calendar.kind, rota=beside.rota)
        )
        self.costs = described.costs
        self.components: Mapping[str, str] = described.components
        self.production = described.production
        self.meters: Mapping[str, PlantMeter] = described.meters
        self.clocks = described.clocks
        self.messages = described.messages
        self.states: Mapping[str, State] = described.states
        self._described = described
        self._beside = beside
        self._market = beside.market
        self._imported_factors = ImportedFactors()
        self._limits: dict[tuple[str, str], Limits] = {}

    @cached_property
    def _by_id(self) -> dict[str, Device]:
        return {device.device_id: device for device in self.devices}

    def device(self, device_id: str) -> Device | None:
        """The device with that id; None if it is not in the plant file (plants grow)."""
        return self._by_id.get(device_id)

    def place(self, device_id: str, device_type: str | None = None, line: str | None = None) -> Place:
        """Type and line of a device: from the plant file, otherwise from its messages."""
        listed = self._by_id.get(device_id)
        return Place(device_type, line) if listed is None else Place(listed.device_type, listed.line)

    def rating(self, device_type: str) -> Rating | None:
        """The rating of a type; None if it is not in the plant file."""
        return self.types.get(device_type)

    def limits(self, device_id: str, device_type: str | None) -> Limits:
        """The meter limits for a machine of a type; the identical object each time."""
        limits = self._limits.get((device_id, device_type or ""))
        if limits is None:
            meter = self.meters.get(device_id)
            limits = (
                self._limits_of(self.device(device_id), device_type) if meter is None else self._limits_above(meter)
            )
            self._limits[device_id, device_type or ""] = limits
        return limits

    def _limits_of(self, device: Device | None, device_type: str | None) -> Limits:
        metering = self._described.metering
        own = None if device is None else device.meter_gap_minutes
        return limits_of(
            self.types.get(device_type or ""),
            gap_seconds=60.0 * (metering.gap_minutes if own is None else own),
            default_watts=1000.0 * metering.limit_kw,
        )

    def stop_terms(self, device_id: str, device_type: str | None, line: str | None) -> StopTerms | None:
        """The costs that decide when to stop a machine; None if the plant file does not have enough of them."""
        return self.costs.of_stopping(device_type, line, device_id)

    def alarm_costs(self, device_id: str, device_type: str | None = None) -> AlarmCosts | None:
        """The costs of wrong alarms of a machine; None if the plant file does not have enough of them."""
        place = self.place(device_id, device_type)
        return self.costs.of_alarms(place.device_type, place.line, device_id)

    def component(self, failure: Failure) -> str | None:
        """The component that failed: from the event, otherwise from the plant file by its mode."""
        return failure.component or self.components.get(failure.mode)

    def _limits_above(self, meter: PlantMeter) -> Limits:
        """The limits of a plant meter: its unit takes the place of the kilowatt hour."""
        gap_seconds = 60.0 * self._described.metering.gap_minutes
        return limits_of(None, gap_seconds=gap_seconds, default_watts=1000.0 * meter.most_per_hour)

    def in_shift(self, line: str, at: datetime) -> bool:
        """Whether a line's people are at work at an aware time, not in a break."""
        local = at.astimezone(self.zone)
        return any(self.calendar.at_work(self.shifts[name], line, local) for name in self.lines[line].shifts)

    def take_imported(self, imports: Sequence[ImportedRates]) -> None:
        """Use these prices and factors from now on, oldest import first; they replace those taken in before."""
        self._market = {name: with_imports(name, prices, imports) for name, prices in self._beside.market.items()}
        self._imported_factors = ImportedFactors(imports)

    @property
    def markets(self) -> tuple[str, ...]:
        """The names of all market prices of the contract."""
        return tuple(self._beside.market)

    def market(self, name: str) -> MarketPrices:
        """The market prices with one of the names in `markets`, including imported ones."""
        return self._market[name]

    def price(self, at: datetime) -> Price | None:
        """The price of a kilowatt hour at an aware time; None before the first version of the tariff."""
        local = at.astimezone(self.zone)
        version = self.tariff.version(local.date())
        if version is None:
            return None
        return price_at(version, local, kind_of=self.calendar.kind, market=self.market_prices(version))

    def band(self, at: datetime) -> Band | None:
        """The tariff band that applies at an aware time."""
        price = self.price(at)
        return None if price is None else price.band

    def emission_factors(self, at: datetime) -> Factors:
        """The emission factors at an aware time, per kilowatt hour."""
        local = at.astimezone(self.zone)
        version = self.tariff.version(local.date())
        market = None if version is None else self.market_prices(version)
        return self._imported_factors.over(
            factors_at(self.tariff, local.date(), None if market is None else market.at(local)), at
        )

    def medium_factor(self, meter_id: str, day: date) -> float | None:
        """Kg CO2e of a meter's unit on a day; None for electricity, and if it is not known."""
        meter = self.meters[meter_id]
        return medium_factor(self.tariff.media_emissions, meter.medium, meter.measured_in, day)

    def market_prices(self, version: TariffVersion) -> MarketPrices | None:
        """The market prices of a version; None if it has none."""
        return self._market.get(version.market_prices or "")

    def scaled(self, count: int) -> "Plant":
        """The same plant with `count` devices in the same proportions (listed devices first)."""
        listed = self._described.devices[:count]
        wanted = [(line.name, kind, n) for line in self._described.lines for kind, n in line.machines.items()]
        whole = sum(n for _, _, n in wanted)
        rest = count - len(listed)
        if whole == 0:
            raise InvalidPlant("plant", ("lines: no machines to scale",))
        edges, seen = [0], 0
        for _, _, n in wanted:
            seen += n
            edges.append(round(rest * seen / whole))
        counts = [(line, kind, edges[i + 1] - edges[i]) for i, (line, kind, _) in enumerate(wanted)]
        return Plant(self._described, listed + numbered(self._described, counts), self._beside)


def numbered(described: PlantFile, counts: list[tuple[str, str, int]]) -> tuple[Device, ...]:
    """New devices for (line, type, count): numbered on from the listed ones, the same at every start."""
    taken = {device.device_id for device in described.devices}
    made: list[Device] = []
    following = dict.fromkeys(described.types, 0)
    for line, kind, count in counts:
        for _ in range(count):
            while True:
                following[kind] += 1
                device_id = f"{described.types[kind].prefix}-{following[kind]:04d}"
                if device_id not in taken:
                    break
            age = 1.0 + 7 * following[kind] % 20  # spread over two decades, the same at every start
            made.append(Device(device_id=device_id, device_type=kind, line=line, age_years=age))
    return tuple(made)
