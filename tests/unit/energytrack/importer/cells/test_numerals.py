"""Cells as numbers: signs between thousands and before decimals, as people of several countries write them."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from energytrack.importer.cells.numerals import is_number, numbers, without_sentinels
from energytrack.importer.cells.signs import decimal_sign
from energytrack.importer.choices import Choices, NotProved


def read(cells: Sequence[str], *, separator: str = ";", decimal: str | None = None) -> tuple[list[float], int]:
    """The values, and how many cells are none."""
    column = pd.Series(list(cells))
    sign = decimal_sign([column], Choices(decimal=decimal), separator=separator, courses=[column]).value or "."
    values, wrong, _ = numbers(column, sign)
    return values.tolist(), wrong


@pytest.mark.parametrize(
    "written",
    [
        "1.048.100", "1,048,100", "1'048'100", "1\u2019048\u2019100", "1\u202f048\u202f100", "1\u2009048\u2009100",
        "1\u00a0048\u00a0100", "1 048 100", "10,48,100", "1_048_100", "1048100", "1.048.100,0", "1,048,100.0",
        "10,48,100.0", "1'048'100.0", "1\u202f048\u202f100,0",
    ],
)  # fmt: skip
def test_a_million_is_one(written: str) -> None:
    """Whatever stands between its thousands."""
    assert is_number(written)
    assert read([written, written]) == ([1_048_100.0, 1_048_100.0], 0)


@pytest.mark.parametrize("sign", [".", ","])
def test_one_cell_of_a_million_proves_the_others(sign: str) -> None:
    """`998.000` alone may be 998."""
    cells = [f"{value:,}".replace(",", sign) for value in (998_000, 999_137, 1_000_274)]
    assert read(cells) == ([998_000.0, 999_137.0, 1_000_274.0], 0)


@pytest.mark.parametrize("sign", [".", ","])
def test_neighbours_prove_thousands_and_decimals(sign: str) -> None:
    assert read(["998", "999", f"1{sign}000", f"1{sign}001", "", "999"])[0][:4] == [998.0, 999.0, 1000.0, 1001.0]
    assert read(["1", f"1{sign}125", "2", f"2{sign}250"]) == ([1.0, 1.125, 2.0, 2.25], 0)


@pytest.mark.parametrize("sign", [".", ","])
def test_what_neither_cells_nor_neighbours_prove_is_asked(sign: str) -> None:
    """All have three digits after the sign; or neighbours contradict each other; or both signs do."""
    other = "," if sign == "." else "."
    for cells in ([f"98{sign}000", f"98{sign}137"], ["999", f"1{sign}000", "1", f"1{sign}125"]):
        with pytest.raises(NotProved, match=f"--decimal {other}") as asked:
            read(cells)
        assert asked.value.flag == f"--decimal {sign}"
    with pytest.raises(NotProved):
        read(["1.234", "5,678"])


@pytest.mark.parametrize(
    "cell",
    ["1.0.0", "1.03.2024", "1,2,3", "1.5.0", "12.34.567.8", "1,0000,000", "1.04.100", "1.234,567.8", "0.250.100"],
)
def test_groups_that_nobody_writes_are_no_number(cell: str) -> None:
    """A version, a date, a list."""
    assert not is_number(cell)


@pytest.mark.parametrize(("cells", "decimal"), [(["0.250", "1.250"], ","), (["-0,250", "1,250"], ".")])
def test_a_zero_has_no_thousands(cells: list[str], decimal: str) -> None:
    """`0.250` among decimal commas is not 250."""
    (small, large), wrong = read(cells, decimal=decimal)
    assert np.isnan(small)
    assert (large, wrong) == (1250.0, 1)


def test_the_other_sign_is_never_dropped_from_a_decimal() -> None:
    """A stray `12,5` among points is not 125: it is reported as a cell that is no number."""
    values, wrong = read(["11.5", "12,5", "1,250.5", "13.5"])
    assert wrong == 1
    assert values[0] == 11.5
    assert np.isnan(values[1])
    assert values[2:] == [1250.5, 13.5]


def test_what_loggers_write_for_no_value_is_none() -> None:
    """Where it lies far from all other values: a position may be -999."""
    values = np.array([20.5, -9999.0, 21.0, -999.9])
    assert np.isnan(without_sentinels(values)).tolist() == [False, True, False, True]
    position = np.array([-999.0, 0.0, 800.0])
    assert without_sentinels(position).tolist() == [-999.0, 0.0, 800.0]


@pytest.mark.parametrize(("value", "is_known"), [(-9999.0, False), (-999.0, True)])
def test_no_value_is_far_below_all_others(value: float, is_known: bool) -> None:
    assert np.isfinite(without_sentinels(np.array([400.0, value, 380.0])))[1] == is_known
