"""A plant read from its TOML file and the files that it names, and checked as a whole."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from energytrack.contract.calendar import PlantCalendar, Shutdown
from energytrack.contract.errors import UnusablePlantFile
from energytrack.contract.files import market_prices_of, public_holidays, shutdowns_of
from energytrack.contract.rota import RotaFile
from energytrack.contract.tariff import IMPORTED, MarketPrices
from energytrack.errors import InvalidPlant
from energytrack.plant.checks import contradictions, versions
from energytrack.plant.file import PlantFile
from energytrack.plant.plant import CompanionFiles, Plant, numbered
from energytrack.toml_files import decoded


def load_plant(path: Path, *, devices: int | None = None) -> Plant:
    """Read a plant file, scaled to `devices` if given; raises InvalidPlant with every problem."""
    try:
        described = decoded(path.read_bytes(), PlantFile)
    except OSError as error:
        raise InvalidPlant(str(path), (f"it cannot be read: {error.strerror}",)) from error
    except msgspec.DecodeError as error:
        raise InvalidPlant(str(path), (str(error),)) from error
    problems = list(contradictions(described))
    beside = _read_beside(described, path.parent, problems)
    if problems:
        raise InvalidPlant(str(path), tuple(problems))
    counts = [(line.name, kind, n) for line in described.lines for kind, n in line.machines.items()]
    plant = Plant(described, described.devices + numbered(described, counts), beside)
    return plant if devices is None else plant.scaled(devices)


def _read_beside(described: PlantFile, folder: Path, problems: list[str]) -> CompanionFiles:
    """Read the files that a plant file names; adds problems to `problems`."""
    rules = described.calendar
    holidays: Mapping[date, str] | None = None
    market: dict[str, MarketPrices] = {}
    shutdowns: tuple[Shutdown, ...] = ()
    if rules.holidays is not None:
        try:
            holidays = public_holidays(rules.holidays)
        except UnusablePlantFile as error:
            problems.append(f"calendar.holidays: {error}")
    if rules.ical is not None:
        try:
            shutdowns = shutdowns_of(folder / rules.ical)
        except UnusablePlantFile as error:
            problems.append(f"calendar.ical: {error}")
    for where, version in versions(described.tariff):
        if version.market_prices == IMPORTED:
            market[IMPORTED] = MarketPrices(())
        elif version.market_prices is not None:
            try:
                market[version.market_prices] = market_prices_of(folder / version.market_prices)
            except UnusablePlantFile as error:
                problems.append(f"{where}.market_prices: {error}")
    return CompanionFiles(
        PlantCalendar(rules, holidays=holidays, shutdowns=shutdowns), market, _rota(described, folder, problems)
    )


def _rota(described: PlantFile, folder: Path, problems: list[str]) -> RotaFile | None:
    if described.duty is None or described.duty.ical is None or problems:
        return None  # with a problem, the time zone may be one
    try:
        return RotaFile(folder / described.duty.ical, ZoneInfo(described.time_zone))
    except UnusablePlantFile as error:
        problems.append(f"duty.ical: {error}")
        return None
