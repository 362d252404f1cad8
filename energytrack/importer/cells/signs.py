"""The decimal sign, and its evidence."""

import re
from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from energytrack.importer.cells.numerals import (
    SPACES,
    Floats,
    is_grouped,
    is_number,
    plain_number,
    sample,
    without_units,
)
from energytrack.importer.cells.totals import Summed, disagreement, sign_proved_by_totals
from energytrack.importer.choices import Choices, FileFinding, NotProved

FEW: Final = 0.01
"""The largest share of cells with the other sign that is taken for mistakes."""
CLOSE: Final = 2.0
FAR: Final = 100.0
"""How many times larger a neighbour is at most if both are read correctly, and at least if one is not."""


def decimal_sign(
    columns: Sequence["pd.Series[str]"],
    choices: Choices,
    *,
    separator: str,
    courses: Sequence["pd.Series[str]"] = (),
    totals: Sequence[Summed] = (),
) -> FileFinding:
    """The decimal sign of all columns of numbers together; raises NotProved.

    `courses` are whole columns, each of one quantity of one machine, so that neighbours are similar; `totals` are the
    cells of rows of sums.
    """
    if choices.decimal is not None:
        return FileFinding("decimal", choices.decimal, "as given")
    cells = [plain_number(cell) for column in columns for cell in sample(column) if is_number(cell)]
    cells += [plain_number(each.total) for each in totals]
    return _sign_proved_by_one(cells) or _sign_proved_by_all(cells, courses, totals, separator)


def _sign_proved_by_one(cells: list[str]) -> FileFinding | None:
    for cell in cells:
        point, comma = cell.rfind("."), cell.rfind(",")
        if point >= 0 and comma >= 0:
            sign = "." if point > comma else ","
            return FileFinding("decimal", sign, f"{cell!r} has both signs, and it is the last one")
        for sign, other in ((".", ","), (",", ".")):
            if cell.count(sign) > 1 and is_grouped(cell, sign):
                return FileFinding("decimal", other, f"{cell!r} has several {sign!r}, so they separate thousands")
    return None


def _sign_proved_by_all(
    cells: list[str], courses: Sequence["pd.Series[str]"], totals: Sequence[Summed], separator: str
) -> FileFinding:
    signed = {sign: [cell for cell in cells if cell.count(sign) == 1] for sign in ".,"}
    proofs = {sign: [cell for cell in those if _is_decimal_in(cell, sign)] for sign, those in signed.items()}
    if min(map(len, proofs.values())) > FEW * sum(map(len, proofs.values())):
        point, comma = (each[0] for each in proofs.values())
        raise NotProved(
            "decimal",
            f"both {point!r} and {comma!r} occur: whichever sign is decimal, cells with the other are unknown",
        )
    for sign, proved_by in sorted(proofs.items(), key=lambda item: -len(item[1])):
        if proved_by:
            why = f"{proved_by[0]!r} has no group of three digits after it, or a zero before it"
            return FileFinding("decimal", sign, why)
    if any(signed.values()) and (found := sign_proved_by_totals(totals)) is not None:
        return found
    for sign, those in signed.items():
        if those:
            proved = [each for course in courses if (each := _sign_proved_by_neighbours(course, sign)) is not None]
            if proved and len({each.value for each in proved}) == 1:
                return proved[0]
    for sign, those in signed.items():
        if those:
            raise NotProved("decimal", _either(those[0], sign) + disagreement(totals), sign)
    return FileFinding("decimal", "," if separator == ";" else ".", "there are only whole numbers")


def _is_decimal_in(cell: str, sign: str) -> bool:
    """Whether a sign in a cell can only be the decimal one."""
    return bool(re.search(rf"\{sign}(\d{{1,2}}|\d{{4,}})(\D|$)", cell) or re.match(rf"[+-]?0?\{sign}", cell))


def _sign_proved_by_neighbours(course: "pd.Series[str]", sign: str) -> FileFinding | None:
    """Compares neighbours: `1.000` after `999` is a thousand, `1.250` after `1` is not."""
    plain, _ = without_units(course)
    plain = plain[plain != ""].str.replace(SPACES, "", regex=True)
    has_sign = plain.str.contains(sign, regex=False).to_numpy()
    at = np.flatnonzero(has_sign[1:] != has_sign[:-1])
    if not len(at):
        return None
    pairs = pd.concat([plain.iloc[at], plain.iloc[at + 1]])
    as_thousands = pd.to_numeric(pairs.str.replace(sign, "", regex=False), errors="coerce").to_numpy()
    as_decimal = pd.to_numeric(pairs.str.replace(sign, ".", regex=False), errors="coerce").to_numpy()
    thousands, decimal = (_ratios(values, len(at)) for values in (as_thousands, as_decimal))
    before, after = plain.iloc[at[0]], plain.iloc[at[0] + 1]
    if bool(np.all((thousands < CLOSE) & (decimal > FAR))):
        other = "," if sign == "." else "."
        return FileFinding("decimal", other, f"{after!r} occurs beside {before!r}: {sign!r} separates thousands")
    if bool(np.all((decimal < CLOSE) & (thousands > FAR))):
        return FileFinding("decimal", sign, f"{after!r} occurs beside {before!r}")
    return None


def _ratios(values: Floats, count: int) -> Floats:
    """The ratio of the greater to the smaller of two neighbours; NaN, which proves nothing, if one is not positive."""
    first, second = values[:count], values[count:]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = np.maximum(first, second) / np.minimum(first, second)
    ratios[~((first > 0.0) & (second > 0.0))] = np.nan
    return ratios


def _either(cell: str, sign: str) -> str:
    other = "," if sign == "." else "."
    return (
        f"{cell!r} may be {cell.replace(sign, '')} or {cell.replace(sign, '.')}: all cells have three digits after "
        f"{sign!r}, which is the decimal sign, or separates thousands (then --decimal {other})"
    )
