"""TOML files with whatever a person, or a program gone wrong, wrote into them."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from energytrack.errors import InvalidPlant
from energytrack.importer.choices import UnreadableFile, read_profile
from energytrack.plant import load_plant
from energytrack.toml_files import MOST_BYTES, decoded
from gateway.errors import InvalidFile
from gateway.orders.allowed import load as load_orders
from gateway.profile import load as load_meter

WRONG = {
    "nested too deeply": b"x = " + b"[" * 100_000 + b"]" * 100_000,
    "brackets are nested": b"x = " + b"{a=" * 5_000 + b"1" + b"}" * 5_000,
    "4300 digits": b"x = " + b"9" * 1_000_000,
    "at most 10,000,000 are read": b"#" + b"x" * MOST_BYTES,
    "it is not UTF-8": b'x = "\xff"',
    "Invalid": b"x = ",
}


@pytest.mark.parametrize("part", WRONG)
def test_whatever_is_wrong_is_a_sentence(part: str) -> None:
    with pytest.raises(msgspec.DecodeError, match=part):
        decoded(WRONG[part], dict[str, Any])


@pytest.mark.parametrize("part", WRONG)
def test_every_file_of_ours_is_read_with_it(part: str, tmp_path: Path) -> None:
    """The plant file, orders.toml, a meter's profile, and an import's profile."""
    file = tmp_path / "any.toml"
    file.write_bytes(WRONG[part])
    with pytest.raises(InvalidPlant, match=part):
        load_plant(file)
    with pytest.raises(InvalidFile, match=part):
        load_orders(file)
    with pytest.raises(InvalidFile, match=part):
        load_meter(str(file))
    with pytest.raises(UnreadableFile, match=part):
        read_profile(file)


def test_a_file_of_ten_thousand_tables_is_read() -> None:
    text = "".join(f"[machines.x-{number}]\nline = 'line-a'\n" for number in range(10_000))
    assert len(decoded(text.encode(), dict[str, Any])["machines"]) == 10_000
