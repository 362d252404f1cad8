"""The files that describe a plant: the plant file, and the files that it names."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from energytrack.backup.areas import Area
from energytrack.backup.errors import BackupFailed
from energytrack.plant.checks import versions
from energytrack.plant.file import PlantFile
from energytrack.toml_files import decoded

NAME: Final = "plant"


def plant_area(plant_file: Path) -> tuple[str, Area]:
    """The plant's name and its files; raises BackupFailed if the plant file cannot be read."""
    try:
        described = decoded(plant_file.read_bytes(), PlantFile)
    except OSError as error:
        raise BackupFailed(f"The plant file {plant_file} cannot be read: {error.strerror}.") from error
    except msgspec.DecodeError as error:
        raise BackupFailed(f"The plant file {plant_file} cannot be understood: {error}.") from error
    names = (plant_file.name, *sorted(set(_beside(described))))
    return described.name, Area(NAME, plant_file.parent, only=names)


def _beside(described: PlantFile) -> Iterator[str]:
    named = (
        described.calendar.ical,
        None if described.duty is None else described.duty.ical,
        *(version.market_prices for _, version in versions(described.tariff)),
    )
    return (Path(each).as_posix() for each in named if each is not None)
