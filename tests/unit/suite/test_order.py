from dataclasses import dataclass
from pathlib import Path

from tests.order import LONGEST_FIRST, longest_first

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Named:
    """A test of which nothing but its name matters."""

    nodeid: str


def test_the_files_are_there() -> None:
    assert [file for file in LONGEST_FIRST if not (ROOT / file).is_file()] == []


def test_long_files_begin_and_the_others_stay_as_they_were() -> None:
    first, second = LONGEST_FIRST[:2]
    given = [Named(name) for name in ("b.py::z", f"{second}::one", "a.py::y", f"{first}::two[1-a]", f"{second}::two")]
    ordered = [item.nodeid for item in longest_first(given)]
    assert ordered == [f"{first}::two[1-a]", f"{second}::one", f"{second}::two", "b.py::z", "a.py::y"]
