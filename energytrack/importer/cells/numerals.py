"""Cells as numbers: which sign is the decimal one, and why."""

import re
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from energytrack.importer.choices import Choices, FileFinding, NotProved

Floats = npt.NDArray[np.float64]
SAMPLE: Final = 3000
_SPACES: Final = r"[\s\u00a0\u202f'\u2019_]"
_NUMBER: Final = re.compile(r"[+-]?(\d[\d.,]*|[.,]\d+)([eE][+-]?\d+)?-?")
_GROUPED: Final = {
    ".": r"[+-]?(?!0\D)\d{1,3}(\.\d{3})+(?!\d)[^.]*",
    ",": r"[+-]?(?!0\D)(\d{1,3}(,\d{3})+|\d{1,2}(,\d{2})*,\d{3})(?!\d)[^,]*",  # 10,48,100 in India
}
"""A number with a sign between its thousands, by that sign: 0.250 has none."""
CLOSE: Final = 2.0
FAR: Final = 100.0
"""How much neighbours in a column may differ if they are read right, and do if one of them is not."""
_UNITED: Final = re.compile(r"\s*([+-]?\d[\d.,\s'\u00a0\u202f]*)(?:\s|\u00a0)*([A-Za-z°%µ][A-Za-z°%µ/²³·]*)\s*")
_LOST: Final = frozenset(
    {"", "-", "--", "n/a", "n/e", "na", "nan", "null", "none", "-nan", "undefined", "unavailable", "unknown"}
)


def is_number(cell: str) -> bool:
    """Whether a cell could be a number, with whatever signs; several of one sign only between thousands."""
    plain = re.sub(_SPACES, "", cell)
    return _NUMBER.fullmatch(plain) is not None and all(
        plain.count(sign) < 2 or _is_grouped(plain, sign) for sign in ".,"
    )


def _is_grouped(plain: str, sign: str) -> bool:
    """Whether a sign stands between thousands as people write them: `1.048.100`, in India `10,48,100`."""
    return re.fullmatch(_GROUPED[sign], plain) is not None


def united(cell: str) -> tuple[str, str] | None:
    """Number and unit of a cell such as `20.5 °C`; None where it is none."""
    match = _UNITED.fullmatch(cell)
    return None if match is None else (match.group(1).strip(), match.group(2))


def without_units(column: "pd.Series[str]") -> tuple["pd.Series[str]", str | None]:
    """A column without the unit behind each number, and the unit; unchanged where cells have none, or several."""
    units = {pair[1] for cell in sample(column) if (pair := united(cell))}
    if len(units) != 1:
        return column, None
    (unit,) = units
    return column.str.replace(rf"\s*{re.escape(unit)}\s*$", "", regex=True), unit


def is_lost(cell: str) -> bool:
    """Whether a cell says that there is no value."""
    return cell.strip().lower() in _LOST


def sample(column: "pd.Series[str]") -> "pd.Series[str]":
    """Cells of all parts of a column."""
    if len(column) <= SAMPLE:
        return column
    ends = SAMPLE // 3
    return pd.concat([column.iloc[:ends], column.iloc[ends : -ends : max(1, len(column) // ends)], column.iloc[-ends:]])


def decimal_sign(
    columns: Sequence["pd.Series[str]"],
    choices: Choices,
    *,
    separator: str,
    courses: Sequence["pd.Series[str]"] = (),
) -> FileFinding:
    """The decimal sign of all columns of numbers together; raises NotProved.

    `courses` are whole columns of one quantity of one machine each, whose neighbours resemble each other.
    """
    if choices.decimal is not None:
        return FileFinding("decimal", choices.decimal, "as given")
    cells = [re.sub(_SPACES, "", cell) for column in columns for cell in sample(column) if cell]
    return _sign_proved_by_one(cells) or _sign_proved_by_all(cells, courses, separator)


def _sign_proved_by_one(cells: list[str]) -> FileFinding | None:
    for cell in cells:
        point, comma = cell.rfind("."), cell.rfind(",")
        if point >= 0 and comma >= 0:
            sign = "." if point > comma else ","
            return FileFinding("decimal", sign, f"{cell!r} has both signs, and it is the last one")
        for sign, other in ((".", ","), (",", ".")):
            if cell.count(sign) > 1 and _is_grouped(cell, sign):
                return FileFinding("decimal", other, f"{cell!r} has several {sign!r}, which stand between thousands")
    return None


def _sign_proved_by_all(cells: list[str], courses: Sequence["pd.Series[str]"], separator: str) -> FileFinding:
    signed = {sign: [cell for cell in cells if cell.count(sign) == 1] for sign in ".,"}
    for sign, those in signed.items():
        for cell in those:
            if re.search(rf"\{sign}(\d{{1,2}}|\d{{4,}})(\D|$)", cell) or re.match(rf"[+-]?0?\{sign}", cell):
                return FileFinding(
                    "decimal", sign, f"{cell!r} has no group of three digits behind it, or a zero before it"
                )
    for sign, those in signed.items():
        if those:
            proved = [each for course in courses if (each := _sign_proved_by_neighbours(course, sign)) is not None]
            if proved and len({each.value for each in proved}) == 1:
                return proved[0]
    for sign, those in signed.items():
        if those:
            raise NotProved("decimal", _either(those[0], sign), sign)
    return FileFinding("decimal", "," if separator == ";" else ".", "there are only whole numbers")


def _sign_proved_by_neighbours(course: "pd.Series[str]", sign: str) -> FileFinding | None:
    """By what stands beside a cell: `999` and then `1.000` is a thousand, `1` and then `1.250` is none."""
    plain, _ = without_units(course)
    plain = plain[plain != ""].str.replace(_SPACES, "", regex=True)
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
        return FileFinding("decimal", other, f"{after!r} stands beside {before!r}: {sign!r} stands between thousands")
    if bool(np.all((decimal < CLOSE) & (thousands > FAR))):
        return FileFinding("decimal", sign, f"{after!r} stands beside {before!r}")
    return None


def _ratios(values: Floats, count: int) -> Floats:
    """By how much the greater of two neighbours is greater; NaN, which proves nothing, where one is not positive."""
    first, second = values[:count], values[count:]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = np.maximum(first, second) / np.minimum(first, second)
    ratios[~((first > 0.0) & (second > 0.0))] = np.nan
    return ratios


def _either(cell: str, sign: str) -> str:
    other = "," if sign == "." else "."
    return (
        f"{cell!r} may be {cell.replace(sign, '')} or {cell.replace(sign, '.')}: all cells have three digits behind "
        f"{sign!r}, which is the decimal sign, or stands between thousands (then --decimal {other})"
    )


def numbers(column: "pd.Series[str]", decimal: str) -> tuple[Floats, int, str]:
    """Values, NaN where there is none; how many cells are none that should be, and the first of them."""
    plain = column
    direct = pd.to_numeric(plain if decimal == "." else plain.str.replace(",", ".", regex=False), errors="coerce")
    odd = direct.isna() & (plain != "")
    if decimal == ",":  # 1.234 is a thousand here
        odd |= plain.str.contains(".", regex=False)
    if not odd.any():
        return direct.to_numpy(dtype=np.float64), 0, ""
    thousands = "." if decimal == "," else ","
    cells = plain[odd].str.replace(_SPACES, "", regex=True)
    grouped = cells.str.fullmatch(_GROUPED[thousands])
    cells = cells.str.replace(thousands, "", regex=False).where(
        grouped | ~cells.str.contains(thousands, regex=False),
        "?",  # 12,5 is no 125
    )
    cells = cells.str.replace(decimal, ".", regex=False).str.replace(r"^(.*)-$", r"-\1", regex=True)
    values = direct.to_numpy(dtype=np.float64, copy=True)
    mended = pd.to_numeric(cells, errors="coerce").to_numpy(dtype=np.float64)
    values[odd.to_numpy()] = mended
    values[~np.isfinite(values)] = np.nan
    wrong = [cell for cell in plain[odd][np.isnan(mended)] if not is_lost(cell)]
    return values, len(wrong), wrong[0] if wrong else ""
