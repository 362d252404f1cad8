"""Cells as numbers, once the decimal sign is known."""

import re
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
SAMPLE: Final = 3000
SPACES: Final = r"[\s\u00a0\u202f'\u2019_]"
MINUS: Final = r"^[\u2212\u2013\u2010\u2011]|[\u2212\u2013\u2010\u2011]$"
"""Minus signs as printed: none of them is the one of program code."""
_NUMBER: Final = re.compile(r"[+-]?(\d[\d.,]*|[.,]\d+)([eE][+-]?\d+)?-?")
_GROUPED: Final = {
    ".": r"[+-]?(?!0\D)\d{1,3}(\.\d{3})+(?!\d)[^.]*",
    ",": r"[+-]?(?!0\D)(\d{1,3}(,\d{3})+|\d{1,2}(,\d{2})*,\d{3})(?!\d)[^,]*",  # 10,48,100 in India
}
"""A number with separated thousands, by the separator: not 0.250."""
_UNITED: Final = re.compile(r"\s*([+-]?\d[\d.,\s'\u00a0\u202f]*)(?:\s|\u00a0)*([A-Za-z°%µ][A-Za-z°%µ/²³·]*)\s*")
_LOST: Final = frozenset(
    {
        "",
        "-",
        "--",
        "\u2013",
        "\u2014",
        "\u2212",
        "n/a",
        "n/e",
        "na",
        "nan",
        "null",
        "none",
        "-nan",
        "undefined",
        "unavailable",
        "unknown",
    }
)


def is_number(cell: str) -> bool:
    """Whether a cell could be a number with any decimal sign; a repeated sign must separate thousands."""
    plain = plain_number(cell)
    return _NUMBER.fullmatch(plain) is not None and all(
        plain.count(sign) < 2 or is_grouped(plain, sign) for sign in ".,"
    )


def plain_number(cell: str) -> str:
    """A number without the blanks and apostrophes between its thousands."""
    return re.sub(MINUS, "-", re.sub(SPACES, "", cell))


def is_grouped(plain: str, sign: str) -> bool:
    """Whether a sign separates thousands as people write them: `1.048.100`, in India `10,48,100`."""
    return re.fullmatch(_GROUPED[sign], plain) is not None


def united(cell: str) -> tuple[str, str] | None:
    """Number and unit of a cell such as `20.5 °C`; None for other cells."""
    match = _UNITED.fullmatch(cell)
    return None if match is None else (match.group(1).strip(), match.group(2))


def without_units(column: "pd.Series[str]") -> tuple["pd.Series[str]", str | None]:
    """A column without the unit after each number, and the unit; unchanged if cells have none, or several."""
    units = {pair[1] for cell in sample(column) if (pair := united(cell))}
    if len(units) != 1:
        return column, None
    (unit,) = units
    return column.str.replace(rf"\s*{re.escape(unit)}\s*$", "", regex=True), unit


def is_lost(cell: str) -> bool:
    """Whether a cell means that there is no value."""
    return cell.strip().lower() in _LOST


def sample(column: "pd.Series[str]") -> "pd.Series[str]":
    """Cells from all parts of a column."""
    if len(column) <= SAMPLE:
        return column
    ends = SAMPLE // 3
    return pd.concat([column.iloc[:ends], column.iloc[ends : -ends : max(1, len(column) // ends)], column.iloc[-ends:]])


SENTINELS: Final = tuple(-(10.0**digits - 10.0**-after) for digits in range(3, 8) for after in range(3))
"""What loggers write instead of a missing value: -999, -9999, -9999.9 and the like."""


def without_sentinels(values: Floats) -> Floats:
    """Values with sentinels for missing ones as NaN: negative, all nines, and far from all other values."""
    low = values < SENTINELS[0] + 1.0
    if not low.any():
        return values
    said = np.zeros_like(low)
    for sentinel in SENTINELS:
        said |= np.abs(values - sentinel) < 1e-6
    others = np.abs(values[np.isfinite(values) & ~said])
    if not said.any() or not len(others) or 3.0 * float(others.max()) > float(-values[said].max()):
        return values
    return np.where(said, np.nan, values)


def numbers(column: "pd.Series[str]", decimal: str) -> tuple[Floats, int, str]:
    """Values, NaN if missing; how many cells should be numbers but are not, and the first of them."""
    plain = column
    direct = pd.to_numeric(plain if decimal == "." else plain.str.replace(",", ".", regex=False), errors="coerce")
    odd = direct.isna() & (plain != "")
    if decimal == ",":  # 1.234 is more than a thousand here
        odd |= plain.str.contains(".", regex=False)
    if not odd.any():
        return direct.to_numpy(dtype=np.float64), 0, ""
    thousands = "." if decimal == "," else ","
    cells = plain[odd].str.replace(SPACES, "", regex=True).str.replace(MINUS, "-", regex=True)
    grouped = cells.str.fullmatch(_GROUPED[thousands])
    cells = cells.str.replace(thousands, "", regex=False).where(
        grouped | ~cells.str.contains(thousands, regex=False),
        "?",  # 12,5 is not 125
    )
    cells = cells.str.replace(decimal, ".", regex=False).str.replace(r"^(.*)-$", r"-\1", regex=True)
    values = direct.to_numpy(dtype=np.float64, copy=True)
    mended = pd.to_numeric(cells, errors="coerce").to_numpy(dtype=np.float64)
    values[odd.to_numpy()] = mended
    values[~np.isfinite(values)] = np.nan
    wrong = [cell for cell in plain[odd][np.isnan(mended)] if not is_lost(cell)]
    return values, len(wrong), wrong[0] if wrong else ""
