"""A file that describes no plant is refused, with a sentence that says why."""

from pathlib import Path

import pytest

from energytrack.errors import InvalidPlant
from energytrack.plant import load_plant


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("name = ", "Invalid"),
        ("name = 7", "Expected `str`, got `int`"),
        ('nam = "x"', "unknown field"),
    ],
)
def test_a_file_that_is_no_plant_says_where(tmp_path: Path, text: str, part: str) -> None:
    """Bad TOML, a wrong type and a misspelt field are each named."""
    path = tmp_path / "plant.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidPlant, match=part):
        load_plant(path)


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    """The sentence says which file."""
    with pytest.raises(InvalidPlant, match="No such file"):
        load_plant(tmp_path / "none.toml")
