"""The plant: lines, devices, ratings, shifts and tariff, read from one TOML file and checked as a whole."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Annotated, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Meta, Struct

from energytrack.contract.calendar import CalendarRules, PlantCalendar, Shift, Shutdown
from energytrack.contract.files import UnreadableFile, market_prices_of, public_holidays, shutdowns_of
from energytrack.contract.tariff import BEGINNING, Band, MarketPrices, Price, Tariff, TariffVersion, price_at
from energytrack.errors import InvalidPlant
from energytrack.messages import READING_AHEAD, DeviceId, Name, State
from energytrack.metering.limits import DEFAULT_WATTS, GAP_SECONDS, Limits, limits_of
from energytrack.ratings import Fraction, NotNegative, Positive, Rating


class Line(Struct, frozen=True, forbid_unknown_fields=True):
    """A production line: how many machines of each type, and the shifts it works."""

    name: Name
    machines: dict[Name, Annotated[int, Meta(ge=0, le=100_000)]]
    shifts: tuple[Name, ...]
    left_idling: Fraction = 0.0
    """Share of its machines that people leave idling after work: the waste that Energy Track finds."""
    unmanned: Fraction = 0.0
    """Share of its machines that work around the clock, without people."""


class Device(Struct, frozen=True, forbid_unknown_fields=True):
    """One machine. Listed ones stand beside those that a line's counts make."""

    device_id: DeviceId
    device_type: Name
    line: Name
    age_years: NotNegative = 5.0
    meter_gap_minutes: Positive | None = None
    """Without a register, a gap between two readings of up to so long is estimated; None: as for all machines."""
    clock_offset: float = 0.0
    """Seconds that its clock is ahead of the right time; negative where it is behind. Taken off its timestamps."""
    clock_zone: str | None = None
    """The IANA time zone whose local time it sends, without a zone or as if that were UTC."""
    states: dict[str, State] = {}
    """What its own words for states mean, where they are not those of the whole plant."""


class Metering(Struct, frozen=True, forbid_unknown_fields=True):
    """What holds for the meters of all machines."""

    gap_minutes: Positive = GAP_SECONDS / 60.0
    """Without a register, a gap between two readings of up to so long is estimated; a longer one is not known."""
    limit_kw: Positive = DEFAULT_WATTS / 1000.0
    """The most that a machine can use of which neither type nor current nor past is known."""


class Clocks(Struct, frozen=True, forbid_unknown_fields=True):
    """What holds for the clocks of all machines."""

    ahead_minutes: Positive = READING_AHEAD.total_seconds() / 60.0
    """A reading that is further ahead of our clock is refused."""
    zone: str | None = None
    """The IANA time zone of times that come without one, where a machine has no `clock_zone` of its own."""


class MessageRules(Struct, frozen=True, forbid_unknown_fields=True):
    """What holds for the messages of all machines."""

    hold_seconds: NotNegative = 10.0
    """A value that is not told in a message is the one told last, for so long; after that it is not known."""


class Place(NamedTuple):
    """What a device is and where it stands; None where nobody says so."""

    device_type: str | None = None
    line: str | None = None


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    name: Name
    time_zone: str
    ambient_celsius: float
    tariff: Tariff
    shifts: tuple[Shift, ...]
    types: dict[Name, Rating]
    lines: Annotated[tuple[Line, ...], Meta(min_length=1)]
    devices: tuple[Device, ...] = ()
    calendar: CalendarRules = CalendarRules()
    metering: Metering = Metering()
    clocks: Clocks = Clocks()
    messages: MessageRules = MessageRules()
    states: dict[str, State] = {}
    """What machines' own words for states mean: `{ "2" = "running", AUTO = "running" }`."""


class _Beside(NamedTuple):
    """What was read from the files beside the plant file."""

    calendar: PlantCalendar
    market: Mapping[str, MarketPrices]


class Plant:
    """A checked plant, with the look-ups that services need."""

    def __init__(self, described: _File, devices: tuple[Device, ...], beside: _Beside) -> None:
        self.name = described.name
        self.ambient_celsius = described.ambient_celsius
        self.tariff = described.tariff
        self.zone = ZoneInfo(described.time_zone)
        self.types: Mapping[str, Rating] = described.types
        self.lines: Mapping[str, Line] = {line.name: line for line in described.lines}
        self.shifts: Mapping[str, Shift] = {shift.name: shift for shift in described.shifts}
        self.devices = devices
        self.calendar = beside.calendar
        self.clocks = described.clocks
        self.messages = described.messages
        self.states: Mapping[str, State] = described.states
        self._described = described
        self._beside = beside
        self._limits: dict[tuple[str, str], Limits] = {}

    @cached_property
    def _by_id(self) -> dict[str, Device]:
        return {device.device_id: device for device in self.devices}

    def device(self, device_id: str) -> Device | None:
        """The device of that id; None where the plant file does not know it (plants grow)."""
        return self._by_id.get(device_id)

    def place(self, device_id: str, device_type: str | None = None, line: str | None = None) -> Place:
        """Type and line of a device: what the plant file says, else what its messages say."""
        listed = self._by_id.get(device_id)
        return Place(device_type, line) if listed is None else Place(listed.device_type, listed.line)

    def rating(self, device_type: str) -> Rating | None:
        """The rating of a type; None where the plant file does not know it."""
        return self.types.get(device_type)

    def limits(self, device_id: str, device_type: str | None) -> Limits:
        """What the meter of a machine of a type goes by; the very same object each time."""
        found = self._limits.get((device_id, device_type or ""))
        if found is None:
            found = self._limits_of(self.device(device_id), device_type)
            self._limits[device_id, device_type or ""] = found
        return found

    def _limits_of(self, device: Device | None, device_type: str | None) -> Limits:
        metering = self._described.metering
        own = None if device is None else device.meter_gap_minutes
        return limits_of(
            self.types.get(device_type or ""),
            gap_seconds=60.0 * (metering.gap_minutes if own is None else own),
            default_watts=1000.0 * metering.limit_kw,
        )

    def in_shift(self, line: str, at: datetime) -> bool:
        """Whether a line's people are at work at an aware time, breaks left out."""
        local = at.astimezone(self.zone)
        return any(self.calendar.at_work(self.shifts[name], line, local) for name in self.lines[line].shifts)

    def price(self, at: datetime) -> Price | None:
        """What a kilowatt hour costs at an aware time; None before the first version of the tariff."""
        local = at.astimezone(self.zone)
        version = self.tariff.version(local.date())
        if version is None:
            return None
        market = self._beside.market.get(version.market_prices or "")
        return price_at(version, local, kind_of=self.calendar.kind, market=market)

    def band(self, at: datetime) -> Band | None:
        """The tariff band that holds at an aware time."""
        price = self.price(at)
        return None if price is None else price.band

    def market_prices(self, version: TariffVersion) -> MarketPrices | None:
        """The market prices of a version; None where it has none."""
        return self._beside.market.get(version.market_prices or "")

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
        return Plant(self._described, listed + _numbered(self._described, counts), self._beside)


def load_plant(path: Path, *, devices: int | None = None) -> Plant:
    """Read a plant file, scaled to `devices` where given; raises InvalidPlant with everything that is wrong."""
    try:
        described = msgspec.toml.decode(path.read_bytes(), type=_File)
    except OSError as error:
        raise InvalidPlant(str(path), (f"it cannot be read: {error.strerror}",)) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidPlant(str(path), (str(error),)) from error
    problems = list(_contradictions(described))
    beside = _read_beside(described, path.parent, problems)
    if problems:
        raise InvalidPlant(str(path), tuple(problems))
    counts = [(line.name, kind, n) for line in described.lines for kind, n in line.machines.items()]
    plant = Plant(described, described.devices + _numbered(described, counts), beside)
    return plant if devices is None else plant.scaled(devices)


def _read_beside(described: _File, folder: Path, problems: list[str]) -> _Beside:
    """Read the files that a plant file names; adds to `problems` what is wrong with them."""
    rules = described.calendar
    holidays: Mapping[date, str] | None = None
    market: dict[str, MarketPrices] = {}
    shutdowns: tuple[Shutdown, ...] = ()
    if rules.holidays is not None:
        try:
            holidays = public_holidays(rules.holidays)
        except UnreadableFile as error:
            problems.append(f"calendar.holidays: {error}")
    if rules.ical is not None:
        try:
            shutdowns = shutdowns_of(folder / rules.ical)
        except UnreadableFile as error:
            problems.append(f"calendar.ical: {error}")
    for version in described.tariff.versions:
        if version.market_prices is not None:
            try:
                market[version.market_prices] = market_prices_of(folder / version.market_prices)
            except UnreadableFile as error:
                problems.append(f"tariff.versions.{version.valid_from}.market_prices: {error}")
    return _Beside(PlantCalendar(rules, holidays=holidays, shutdowns=shutdowns), market)


def _numbered(described: _File, counts: list[tuple[str, str, int]]) -> tuple[Device, ...]:
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


def _contradictions(described: _File) -> list[str]:
    return [
        *_bad_zone(described),
        *_bad_shifts(described),
        *_bad_calendar(described),
        *_bad_tariff(described.tariff),
        *_bad_lines(described),
        *(problem for kind, rating in described.types.items() for problem in _bad_rating(kind, rating)),
        *_bad_devices(described),
        *_twice("lines", [line.name for line in described.lines]),
        *_twice("shifts", [shift.name for shift in described.shifts]),
        *_twice("devices", [device.device_id for device in described.devices]),
        *_twice("types: prefix", [rating.prefix for rating in described.types.values()]),
    ]


def _bad_zone(described: _File) -> Iterator[str]:
    zones = {"time_zone": described.time_zone}
    if described.clocks.zone:
        zones["clocks.zone"] = described.clocks.zone
    zones |= {f"devices.{one.device_id}.clock_zone": one.clock_zone for one in described.devices if one.clock_zone}
    for field, zone in zones.items():
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError):
            yield f"{field}: {zone!r} is no IANA time zone (an example: Europe/Berlin)"


def _bad_shifts(described: _File) -> Iterator[str]:
    for shift in described.shifts:
        for start, end in shift.breaks:
            if start == end:
                yield f"shifts.{shift.name}.breaks: one from {start} until {end} takes no time"


def _bad_calendar(described: _File) -> Iterator[str]:
    shifts, lines = {shift.name for shift in described.shifts}, {line.name for line in described.lines}
    for shutdown in described.calendar.shutdowns:
        if shutdown.last < shutdown.first:
            yield f"calendar.shutdowns.{shutdown.name}: it ends on {shutdown.last}, before it begins"
    for extra in described.calendar.extra_shifts:
        if extra.shift not in shifts:
            yield f"calendar.extra_shifts.{extra.date}: there is no shift {extra.shift!r}"
        for line in extra.lines:
            if line not in lines:
                yield f"calendar.extra_shifts.{extra.date}: there is no line {line!r}"


def _bad_tariff(tariff: Tariff) -> Iterator[str]:
    if not tariff.bands and not tariff.versions:
        yield "tariff: expected bands, or versions with bands"
    yield from _twice("tariff.versions: valid_from", [str(version.valid_from) for version in tariff.dated()])
    for version in tariff.dated():
        where = "tariff" if version.valid_from == BEGINNING else f"tariff.versions.{version.valid_from}"
        yield from _bad_version(version, where)


def _bad_version(version: TariffVersion, where: str) -> Iterator[str]:
    *others, last = version.bands
    seasons = {season.name for season in version.seasons}
    if last.windows:
        yield f"{where}.bands.{last.name}: the last band holds at all other times and has no windows of its own"
    for band in others:
        if not band.windows and band.season is None:
            yield f"{where}.bands.{band.name}: expected windows in which it holds"
    for band in version.bands:
        if band.season is not None and band.season not in seasons:
            yield f"{where}.bands.{band.name}: there is no season {band.season!r}"
    for levy in version.levies:
        if sum(amount is not None for amount in (levy.per_kwh, levy.per_month, levy.percent)) != 1:
            yield f"{where}.levies.{levy.name}: expected exactly one of per_kwh, per_month and percent"
    yield from _twice(f"{where}.bands", [band.name for band in version.bands])


def _bad_lines(described: _File) -> Iterator[str]:
    shifts = {shift.name for shift in described.shifts}
    for line in described.lines:
        for shift in line.shifts:
            if shift not in shifts:
                yield f"lines.{line.name}.shifts: there is no shift {shift!r}"
        for kind in line.machines:
            if kind not in described.types:
                yield f"lines.{line.name}.machines: there is no type {kind!r}"


def _bad_rating(kind: str, rating: Rating) -> Iterator[str]:
    if not rating.standby_amperes < rating.idle_amperes < rating.rated_amperes:
        yield f"types.{kind}: expected standby_amperes < idle_amperes < rated_amperes"
    circuit = rating.circuit
    if not circuit.minimum_bar < circuit.nominal_bar - circuit.droop_bar:
        yield f"types.{kind}.circuit: expected minimum_bar < nominal_bar - droop_bar, or it were low under every load"
    for field in ("job_minutes", "gap_minutes", "job_load"):
        low, high = getattr(rating, field)
        if low > high:
            yield f"types.{kind}.{field}: expected [least, greatest], got [{low}, {high}]"


def _bad_devices(described: _File) -> Iterator[str]:
    lines = {line.name for line in described.lines}
    for device in described.devices:
        if device.device_type not in described.types:
            yield f"devices.{device.device_id}: there is no type {device.device_type!r}"
        if device.line not in lines:
            yield f"devices.{device.device_id}: there is no line {device.line!r}"


def _twice(what: str, names: list[str]) -> list[str]:
    return [f"{what}: {name!r} is there twice" for name, count in Counter(names).items() if count > 1]
