"""Finds contradictions in a plant file: each problem as a sentence that begins with the field."""

from collections import Counter
from collections.abc import Iterator, Mapping
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from energytrack.contract.tariff import BEGINNING, Tariff, TariffVersion
from energytrack.machines.ratings import Rating
from energytrack.plant.file import PlantFile
from energytrack.plant_meters.rules import KWH, MEDIA, PlantMeter
from energytrack.production.rules import BREAKDOWN, MAINTENANCE


def contradictions(described: PlantFile) -> list[str]:
    """Every contradiction in a plant file, as a sentence."""
    return [
        *_bad_zone(described),
        *_bad_shifts(described),
        *_bad_calendar(described),
        *_bad_tariff(described.tariff),
        *_bad_lines(described),
        *(problem for kind, rating in described.types.items() for problem in _bad_rating(kind, rating)),
        *_bad_devices(described),
        *_bad_peak(described),
        *_bad_duty(described),
        *_bad_costs(described),
        *_bad_production(described),
        *_bad_meters(described),
        *_bad_media(described),
        *_twice("lines", [line.name for line in described.lines]),
        *_twice("shifts", [shift.name for shift in described.shifts]),
        *_twice("devices", [device.device_id for device in described.devices]),
        *_twice("types: prefix", [rating.prefix for rating in described.types.values()]),
    ]


def _bad_zone(described: PlantFile) -> Iterator[str]:
    zones = {"time_zone": described.time_zone}
    if described.clocks.zone:
        zones["clocks.zone"] = described.clocks.zone
    zones |= {f"devices.{one.device_id}.clock_zone": one.clock_zone for one in described.devices if one.clock_zone}
    for field, zone in zones.items():
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError):
            yield f"{field}: {zone!r} is not an IANA time zone (example: Europe/Berlin)"


def _bad_shifts(described: PlantFile) -> Iterator[str]:
    for shift in described.shifts:
        for start, end in shift.breaks:
            if start == end:
                yield f"shifts.{shift.name}.breaks: the break from {start} until {end} has no length"


def _bad_calendar(described: PlantFile) -> Iterator[str]:
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
    for offer in tariff.offers:
        if offer.name is None:
            yield "tariff.offers: expected a name for each, for the bill"
    yield from _twice("tariff.emissions: valid_from", [str(each.valid_from) for each in tariff.emissions])
    for each in tariff.emissions:
        if each.location_kg_per_kwh is None and each.market_kg_per_kwh is None:
            yield f"tariff.emissions.{each.valid_from}: expected location_kg_per_kwh, market_kg_per_kwh or both"
    yield from _twice("tariff.offers", [offer.name or "" for offer in tariff.offers])
    for where, version in versions(tariff):
        yield from _bad_version(version, where)


def versions(tariff: Tariff) -> Iterator[tuple[str, TariffVersion]]:
    """All versions and offers, each with its place in the plant file."""
    for version in tariff.dated():
        yield "tariff" if version.valid_from == BEGINNING else f"tariff.versions.{version.valid_from}", version
    for offer in tariff.offers:
        yield f"tariff.offers.{offer.name}", offer


def _bad_version(version: TariffVersion, where: str) -> Iterator[str]:
    *others, last = version.bands
    seasons = {season.name for season in version.seasons}
    if last.windows:
        yield f"{where}.bands.{last.name}: the last band applies at all other times and must not have windows"
    for band in others:
        if not band.windows and band.season is None:
            yield f"{where}.bands.{band.name}: expected windows in which it applies"
    for band in version.bands:
        if band.season is not None and band.season not in seasons:
            yield f"{where}.bands.{band.name}: there is no season {band.season!r}"
    for levy in version.levies:
        if sum(amount is not None for amount in (levy.per_kwh, levy.per_month, levy.percent)) != 1:
            yield f"{where}.levies.{levy.name}: expected exactly one of per_kwh, per_month and percent"
    yield from _twice(f"{where}.bands", [band.name for band in version.bands])


def _bad_lines(described: PlantFile) -> Iterator[str]:
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
        yield f"types.{kind}.circuit: expected minimum_bar < nominal_bar - droop_bar, or full load is always low"
    for field in ("job_minutes", "gap_minutes", "job_load"):
        low, high = getattr(rating, field)
        if low > high:
            yield f"types.{kind}.{field}: expected [minimum, maximum], got [{low}, {high}]"


def _bad_devices(described: PlantFile) -> Iterator[str]:
    lines = {line.name for line in described.lines}
    for device in described.devices:
        if device.device_type not in described.types:
            yield f"devices.{device.device_id}: there is no type {device.device_type!r}"
        if device.line not in lines:
            yield f"devices.{device.device_id}: there is no line {device.line!r}"


def _bad_peak(described: PlantFile) -> Iterator[str]:
    lines = {line.name for line in described.lines}
    for each in described.peak.deferrable:
        if each.line is None and each.device_type is None and not each.device_ids:
            yield "peak.deferrable: name a line, a device type or devices: no plant can do without all of its machines"
        if each.line is not None and each.line not in lines:
            yield f"peak.deferrable: there is no line {each.line!r}"
        if each.device_type is not None and each.device_type not in described.types:
            yield f"peak.deferrable: there is no type {each.device_type!r}"
        for device_id in each.device_ids:
            if not _may_exist(described, device_id):
                yield f"peak.deferrable: there is no device {device_id!r}"


def _may_exist(described: PlantFile, device_id: str) -> bool:
    """Whether a machine is listed, or has an id like those that a line's counts generate."""
    listed = any(device.device_id == device_id for device in described.devices)
    return listed or device_id.rpartition("-")[0] in {rating.prefix for rating in described.types.values()}


def _bad_duty(described: PlantFile) -> Iterator[str]:
    duty = described.duty
    if duty is None:
        return
    lines = {line.name for line in described.lines}
    if not duty.watches and duty.ical is None and not duty.escalate_to:
        yield "duty: expected watches, an ical file or escalate_to; otherwise nobody can be paged"
    for watch in duty.watches:
        if not watch.windows:
            yield f"duty.watches.{watch.who}: expected windows in which {watch.who} is on duty"
        for line in watch.lines:
            if line not in lines:
                yield f"duty.watches.{watch.who}: there is no line {line!r}"


def _bad_costs(described: PlantFile) -> Iterator[str]:
    lines = {line.name for line in described.lines}
    for line in described.costs.lines:
        if line not in lines:
            yield f"costs.lines: there is no line {line!r}"
    for kind in described.costs.types:
        if kind not in described.types:
            yield f"costs.types: there is no type {kind!r}"
    yield from _bad_stops(described)


def _bad_stops(described: PlantFile) -> Iterator[str]:
    stops = described.costs.stop
    for kind in stops.types:
        if kind not in described.types:
            yield f"costs.stop.types: there is no type {kind!r}"
    for device_id in stops.devices:
        if not _may_exist(described, device_id):
            yield f"costs.stop.devices: there is no device {device_id!r}"
    for where, stop_costs in (
        ("costs.stop", stops),
        *((f"costs.stop.types.{kind}", stop_costs) for kind, stop_costs in stops.types.items()),
        *((f"costs.stop.devices.{device_id}", stop_costs) for device_id, stop_costs in stops.devices.items()),
    ):
        for window in stop_costs.maintenance or ():
            if not window.days:
                yield f"{where}.maintenance: expected days on which the machines are maintained"


def _bad_production(described: PlantFile) -> Iterator[str]:
    rules = described.production
    for kind in rules.types:
        if kind not in described.types:
            yield f"production.types: there is no type {kind!r}"
    for kind, own in rules.types.items():
        if own.parts_per_cycle is not None and own.cycle_seconds is None:
            yield (
                f"production.types.{kind}: parts_per_cycle needs cycle_seconds: without it, it is unclear which cycles "
                "of the current are the machine's"
            )
    if not rules.reasons:
        yield "production.reasons: expected at least one reason; otherwise nobody can say why a machine stopped"
    yield from _twice("production.reasons", [reason.code for reason in rules.reasons])
    yield from _twice("production.reasons: text", [reason.text.lower() for reason in rules.reasons])
    for reason in rules.reasons:
        for required in (BREAKDOWN, MAINTENANCE):
            if reason.text.lower() == required.text.lower() and reason.code != required.code:
                yield (
                    f"production.reasons: {reason.text!r}: expected the code {required.code!r}, which machines send, "
                    f"got {reason.code!r}"
                )


def _bad_meters(described: PlantFile) -> Iterator[str]:
    meters = described.meters
    for key in meters:
        yield from _bad_meter(described, key)
        yield from _bad_parent(meters, key)
    for field in ("lines", "device_ids"):
        names = [name for meter in meters.values() for name in getattr(meter, field)]
        yield from _twice(f"meters: {field}", names)
    whole = [
        key for key, each in meters.items()
        if each.medium == "electricity" and each.parent is None and not each.lines and not each.device_ids
    ]  # fmt: skip
    if len(whole) > 1:
        yield f"meters: {' and '.join(whole)} would both feed the whole plant: say which lines or device_ids each feeds"


def _bad_meter(described: PlantFile, key: str) -> Iterator[str]:
    """Problems of one meter by itself, whatever is above it."""
    meter, where = described.meters[key], f"meters.{key}"
    is_electric = meter.medium == "electricity"
    if _may_exist(described, key):
        yield f"{where}: a machine has this id, or could get it"
    if not meter.measured_in:
        yield f"{where}: expected a unit"
    if is_electric and meter.measured_in != KWH:
        yield f"{where}.unit: electricity is counted in kWh; use factor if its register counts something else"
    if not is_electric and (meter.lines or meter.device_ids):
        yield f"{where}: only a meter of electricity feeds lines and device_ids; other media have a parent"
    lines = {line.name for line in described.lines}
    yield from (f"{where}.lines: there is no line {line!r}" for line in meter.lines if line not in lines)


def _bad_parent(meters: Mapping[str, PlantMeter], key: str) -> Iterator[str]:
    meter, seen = meters[key], {key}
    if meter.parent is None:
        return
    above = meters.get(meter.parent)
    if above is None:
        yield f"meters.{key}.parent: there is no meter {meter.parent!r}"
        return
    if (above.medium, above.measured_in) != (meter.medium, meter.measured_in):
        yield (
            f"meters.{key}.parent: {meter.parent} measures {above.medium} in {above.measured_in}, "
            f"and this one {meter.medium} in {meter.measured_in}"
        )
    at: str | None = meter.parent
    while at is not None and at in meters:
        if at in seen:
            yield f"meters.{key}.parent: it is above itself"
            return
        seen.add(at)
        at = meters[at].parent


def _bad_media(described: PlantFile) -> Iterator[str]:
    units = {(meter.medium, meter.measured_in) for meter in described.meters.values()}
    for each in described.tariff.media_emissions:
        where = f"tariff.media_emissions.{each.medium}"
        if each.medium == "electricity" or each.medium not in MEDIA:
            others = ", ".join(medium for medium in MEDIA if medium != "electricity")
            yield f"{where}: expected a medium ({others}); electricity has its factors in tariff.emissions"
        elif (each.medium, each.unit) not in units:
            yield f"{where}: no meter measures {each.medium} in {each.unit}"
    keys = [f"{each.medium} in {each.unit} from {each.valid_from}" for each in described.tariff.media_emissions]
    yield from _twice("tariff.media_emissions", keys)


def _twice(what: str, names: list[str]) -> list[str]:
    return [f"{what}: {name!r} occurs twice" for name, count in Counter(names).items() if count > 1]
