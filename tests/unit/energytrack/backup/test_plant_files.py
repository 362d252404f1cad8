"""Which files describe a plant."""

from pathlib import Path

import pytest

from energytrack.backup.errors import BackupFailed
from energytrack.backup.plant_files import plant_area
from local.site import ROOT


def test_the_files_that_it_names_are_among_them(tmp_path: Path) -> None:
    text = (ROOT / "plant.toml").read_text(encoding="utf-8")
    file = tmp_path / "mine.toml"
    assert "[calendar]" in text
    file.write_text(text.replace("[calendar]", '[calendar]\nical = "shutdowns.ics"', 1), encoding="utf-8")
    name, area = plant_area(file)
    assert name
    assert area.only == ("mine.toml", "shutdowns.ics")
    assert area.path == tmp_path


def test_a_plant_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(BackupFailed, match="cannot be read"):
        plant_area(tmp_path / "none.toml")
