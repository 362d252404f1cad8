"""Rows of sums: what they prove about the decimal sign, and whether they agree with the other rows. Pure."""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from energytrack.importer.cells.numerals import Floats, is_number, numbers, plain_number, without_units
from energytrack.importer.choices import FileFinding

LEAST_ROWS: Final = 3
"""The sum of fewer rows may be another row's value by chance."""
SHOWN_ROWS: Final = 20
_SUM: Final = re.compile(
    r"^\W*((tages|monats)?(gesamt|summe)|(sub)?total|totaal|totale|sum|suma|somma|summa|razem|celkem|ergebnis)", re.I
)
LEAST_UNNAMED: Final = 12
"""The same for a row that does not claim to be a sum: the least number of other values, without zeros."""


class Summed(NamedTuple):
    """A cell that claims to be the sum of others."""

    total: str
    cells: "pd.Series[str]"
    heading: str
    is_named: bool = True
    """Whether a word says so."""


class TotalAsRead(NamedTuple):
    """A column and its total, if one sign is the decimal one."""

    total: float
    rows: float
    fits: bool


def summed_columns(
    cells: pd.DataFrame, totals: Sequence[Sequence[str]], columns: Sequence[int], headings: Sequence[str], *,
    are_named: bool = True,
) -> tuple[Summed, ...]:  # fmt: skip
    """The totals of columns of numbers, from rows of sums."""
    made = []
    for row in totals if len(cells) >= LEAST_ROWS else ():
        for i in columns:
            total, _ = without_units(pd.Series([row[i]], dtype=str))
            if is_number(total.iloc[0]):
                made.append(Summed(total.iloc[0], without_units(cells[i])[0], headings[i], are_named))
    return tuple(made)


def summed_rows(cells: pd.DataFrame, column: int, others: Sequence[int], headings: Sequence[str]) -> tuple[Summed, ...]:
    """The totals in a column, each the sum of the other cells of its row."""
    return tuple(
        Summed(str(row[column]), row[list(others)], headings[column])
        for _, row in cells.iloc[:SHOWN_ROWS].iterrows()
        if is_number(str(row[column]))
    )


def says_sum(word: str) -> bool:
    """Whether a word means that a row, or a column, contains sums."""
    return _SUM.match(word) is not None


def sign_proved_by_totals(totals: Sequence[Summed]) -> FileFinding | None:
    """The decimal sign with which rows add up to their total, if they do not with the other one."""
    for each in totals:
        point, comma = _read(each, "."), _read(each, ",")
        if point.fits != comma.fits:
            sign, right, wrong = (".", point, comma) if point.fits else (",", comma, point)
            why = (
                f"the row of totals says {each.total!r} of {each.heading!r}, and its rows add up to "
                f"{right.rows:,.10g}; "
                f"with the other sign they would add up to {wrong.rows:,.10g}"
            )
            return FileFinding("decimal", sign, why)
    return None


def disagreement(totals: Sequence[Summed]) -> str:
    """The note about a total that the rows match with neither sign; empty if there is none."""
    for each in totals:
        point, comma = _read(each, "."), _read(each, ",")
        if each.is_named and not point.fits and not comma.fits:
            return (
                f"; the row of totals says {each.total!r} of {each.heading!r}, but its rows add up to "
                f"{point.rows:,.10g} or {comma.rows:,.10g}: rows may be missing"
            )
    return ""


def check_totals(totals: Sequence[Summed], decimal: str) -> tuple[FileFinding, ...]:
    """The finding about totals that agree with their columns; none if no total agrees.

    A column without a correct sum may have its mean there, or be a register.
    """
    read = [(each, _read(each, decimal)) for each in totals]
    right = [each for each, reading in read if reading.fits]
    if not right:
        return ()
    names = ", ".join(dict.fromkeys(each.heading for each in right))
    return (FileFinding("sums", names[:200], "the row of totals agrees with the rows that were read"),)


def is_sum_of_others(values: Floats, place: int) -> bool:
    """Whether a value is the sum of all the others."""
    others = np.delete(values, place)
    others = others[np.isfinite(others)]
    total = float(values[place])
    if not np.isfinite(total) or np.count_nonzero(others) < LEAST_UNNAMED:
        return False
    return abs(float(others.sum()) - total) <= max(1e-9 * abs(total), 1e-6)


def sums_between(local: npt.NDArray[np.int64], columns: Sequence[Floats]) -> npt.NDArray[np.int64]:
    """The rows that repeat the time of the row above and contain the sums of the rows since the last such row.

    For example a month's total with the date of the month's last day.
    """
    places, begin = [], 0
    for row in (np.flatnonzero(local[1:] == local[:-1]) + 1).tolist():
        stretches = [values[begin:row] for values in columns]
        if row - begin >= LEAST_ROWS - 1 and all(
            float(np.nansum(some)) > float(np.nanmax(some, initial=0.0))
            and abs(float(np.nansum(some)) - float(values[row])) <= 1e-6 + 1e-9 * abs(float(values[row]))
            for some, values in zip(stretches, columns, strict=True)
        ):
            places.append(row)
            begin = row + 1
    return np.array(places, dtype=np.int64)


def _read(each: Summed, decimal: str) -> TotalAsRead:
    values, wrong, _ = numbers(pd.concat([each.cells, pd.Series([each.total], dtype=str)], ignore_index=True), decimal)
    total, rows = float(values[-1]), values[:-1][np.isfinite(values[:-1])]
    whole = float(rows.sum())
    if not np.isfinite(total) or not len(rows) or wrong:
        return TotalAsRead(total, whole, fits=False)
    step = min(_step(cell, decimal) for cell in each.cells.iloc[:50].tolist())
    rounding = step * len(rows) ** 0.5 + 0.51 * _step(each.total, decimal)  # of the cells and their sum
    return TotalAsRead(total, whole, fits=abs(whole - total) <= rounding + 1e-9 * abs(total))


def _step(cell: str, decimal: str) -> float:
    """The value of one unit in the last digit."""
    plain = plain_number(cell)
    _, sign, digits = plain.partition(decimal)
    return 10.0 ** -len(re.match(r"\d*", digits).group(0)) if sign else 1.0  # type: ignore[union-attr]
