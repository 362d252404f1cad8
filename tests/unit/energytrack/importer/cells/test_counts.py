"""Columns that count cycles instead of bearing times."""

import pandas as pd
import pytest
from msgspec.structs import asdict

from energytrack.importer.cells.counts import counts
from energytrack.importer.cells.dates import NONE
from energytrack.importer.choices import Choices, NotProved, UnreadableFile, check, settled
from testkit.builders.import_files import lines
from testkit.dates import NOW
from tests.unit.energytrack.importer.contents import read

AN_HOUR = Choices(starts=NOW, every_seconds=3600.0)
START_MS = round(NOW.timestamp() * 1000)
ENGINES = lines(*(f"{unit} {cycle} {0.1 * cycle:.4f}  {-unit}.0  " for unit in (7, 8) for cycle in range(1, 4 + unit)))
"""Columns without headings, cut by spaces, with more of them at the end of each line."""


def test_the_lowest_count_is_the_beginning() -> None:
    """Wherever it stands; a cell that is not a count has no time."""
    found = counts(pd.Series(["4", "3", "x", "5"]), AN_HOUR, heading="cycle")
    assert found.ms.tolist() == [START_MS + 3_600_000, START_MS, NONE, START_MS + 7_200_000]
    assert found.has_zone


@pytest.mark.parametrize(
    ("cells", "choices", "problem"),
    [
        (["1", "2"], Choices(every_seconds=60.0), "cycle: its counts become times with both --starts"),
        (["one", "two"], AN_HOUR, "'one' is not a count"),
        (["1", "1e15"], AN_HOUR, "far future"),
    ],
)
def test_counts_that_are_no_times_are_named(cells: list[str], choices: Choices, problem: str) -> None:
    with pytest.raises(UnreadableFile, match=problem):
        counts(pd.Series(cells), choices, heading="cycle")


def test_engines_that_count_their_cycles_are_machines_with_times() -> None:
    """A file of numbers alone, in which each unit begins with its cycle 1."""
    content = read(
        ENGINES, time_column="column 2", device_column="column 1", starts=NOW, every_seconds=3600.0, price="", parts=""
    )
    assert list(content.signals) == ["7", "8"]
    assert content.signals["8"].at_ms.tolist() == [START_MS + n * 3_600_000 for n in range(11)]
    assert content.signals["7"].values["column_4"].tolist() == [-7.0] * 10
    assert content.signals["7"].values["column_3"][:3].tolist() == pytest.approx([0.1, 0.2, 0.3])


@pytest.mark.parametrize(("sign", "decimal"), [(",", "."), (".", ",")])
def test_a_count_may_have_a_sign_between_its_thousands(sign: str, decimal: str) -> None:
    """After 999 comes 1,000, and not 1."""
    cells = [f"{count:,}".replace(",", sign) for count in range(998, 1003)]
    text = lines("cycle;temperature", *(f"{cell};2{decimal}5" for cell in cells))
    (signals,) = read(text, time_column="cycle", starts=NOW, every_seconds=3600.0).signals.values()
    assert ((signals.at_ms - START_MS) / 3_600_000).tolist() == [0, 1, 2, 3, 4]


def test_the_next_file_is_read_with_what_was_found_in_this_one() -> None:
    """A profile keeps how long a count is, not when the first one was."""
    how = Choices(time_column="column 2", device_column="column 1", every_seconds=3600.0, price="", parts="")
    first = read(ENGINES, **asdict(how) | {"starts": NOW})
    profile = settled(how, first.findings)
    check(profile)
    again = read(ENGINES, **asdict(profile) | {"starts": NOW})
    assert again.signals["8"].at_ms.tolist() == first.signals["8"].at_ms.tolist()


def test_what_is_missing_is_named_where_no_column_is_a_time() -> None:
    with pytest.raises(NotProved, match="--starts and --every"):
        read(ENGINES, device_column="column 1")
    with pytest.raises(NotProved, match="--starts and --every"):
        read(ENGINES, device_column="column 1", time_column="column 2")
