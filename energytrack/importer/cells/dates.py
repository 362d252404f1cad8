"""Dates in cells: the order of day, month and year, with its evidence; and when each date begins."""

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from energytrack.importer.choices import Choices, FileFinding, NotProved

Ints = npt.NDArray[np.int64]
DAY_MS: Final = 86_400_000
LATEST_MS: Final = 4_102_444_800_000
"""The year 2100: anything later is not the time of a measurement."""
EARLIEST_MS: Final = -2_208_988_800_000
"""The year 1900."""
NONE: Final = np.iinfo(np.int64).min
"""Stands for a cell that is not a time."""


class Dates:
    """The distinct dates of a column, in the order in which they first occur: a million cells have some hundred."""

    def __init__(self) -> None:
        self._places: dict[tuple[str, str, str, str], int] = {}

    def places(self, parts: pd.DataFrame) -> Ints:
        """The index of each row's date; -1 if it has none."""
        joined = parts["a"] + " " + parts["sign"] + " " + parts["b"] + " " + parts["c"]
        codes, unique = pd.factorize(joined)
        known = [self._places.setdefault(_four(text), len(self._places)) for text in unique]
        return np.array([*known, -1], dtype=np.int64)[codes]

    def parts(self) -> pd.DataFrame:
        """The parts of the dates, in the order in which they first occurred."""
        return pd.DataFrame(list(self._places), columns=["a", "sign", "b", "c"], dtype=str)


def _four(text: str) -> tuple[str, str, str, str]:
    a, sign, b, c = text.split(" ")
    return a, sign, b, c


def order_of(parts: pd.DataFrame, choices: Choices) -> FileFinding:
    """The order of day, month and year; raises NotProved."""
    dated = parts[parts["a"].notna()]
    if len(dated) == 0:
        return FileFinding("date_order", choices.date_order, "as given")
    if (dated["a"].str.len() == 4).all():
        return FileFinding("date_order", "ymd", f"the year comes first ({_sample(dated)})")
    if choices.date_order in {"dmy", "mdy", "ymd"}:
        return FileFinding("date_order", choices.date_order, "as given")
    return _proved_order(dated)


def _proved_order(dated: pd.DataFrame) -> FileFinding:
    a, b = (pd.to_numeric(dated[name]) for name in "ab")
    if (a > 12).any():
        return FileFinding("date_order", "dmy", f"{_sample(dated[a > 12])} can only have the day first")
    if (b > 12).any():
        return FileFinding("date_order", "mdy", f"{_sample(dated[b > 12])} can only have the month first")
    if (dated["sign"] == ".").all():
        return FileFinding("date_order", "dmy", "dates with dots have the day first in every country that writes them")
    return _order_by_neighbours(dated)


def _order_by_neighbours(dated: pd.DataFrame) -> FileFinding:
    """The order in which the days of a record follow each other, if in the other order they leap by months."""
    steps = {}
    for order in ("dmy", "mdy"):
        ms = begin_ms(dated, order)
        days = np.unique(ms[ms != NONE] // DAY_MS)
        steps[order] = np.diff(days)
    even = {order: bool(len(step) > 1 and (step == 1).all()) for order, step in steps.items()}
    if even["dmy"] != even["mdy"]:
        order = "dmy" if even["dmy"] else "mdy"
        return FileFinding("date_order", order, "only then do the days follow each other")
    raise NotProved(
        "date_order",
        f"{_sample(dated)} may have the day or the month first, and no row proves which",
    )


def _sample(parts: pd.DataFrame) -> str:
    row = parts.iloc[0]
    return f"{row['a']}{row['sign']}{row['b']}{row['sign']}{row['c']}"


def begin_ms(parts: pd.DataFrame, order: str) -> Ints:
    """When each date begins, in milliseconds of local time; NONE if it is not a date in that order."""
    year, month, day = (pd.to_numeric(parts["abc"[order.index(what)]], errors="coerce") for what in "ymd")
    is_date = (year.notna() & month.between(1, 12) & day.between(1, 31)).to_numpy()
    years = year.fillna(2000).to_numpy(dtype=np.int64)
    years = np.where(years < 100, years + 2000, years)
    months = month.fillna(1).clip(1, 12).to_numpy(dtype=np.int64)
    first = ((years - 1970) * 12 + months - 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    days = first + day.fillna(1).to_numpy(dtype=np.int64) - 1
    in_month = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    is_date = is_date & (in_month == (years - 1970) * 12 + months - 1)  # June has no 31st
    is_date = is_date & (days * DAY_MS >= EARLIEST_MS) & (days * DAY_MS < LATEST_MS)
    return np.where(is_date, days * DAY_MS, NONE)
