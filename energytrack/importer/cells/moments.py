"""Cells as times, including 24:00, zones, counts since 1970 and a spreadsheet's days."""

import re
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from energytrack.importer.cells.dates import DAY_MS, LATEST_MS, NONE, Dates, Ints, begin_ms, order_of
from energytrack.importer.cells.months import numeric_month
from energytrack.importer.cells.numerals import sample
from energytrack.importer.choices import Choices, FileFinding, NotProved

PIECE: Final = 50_000
"""Cells whose parts are held as texts at once: a kilobyte for each."""
EPOCHS: Final = {"1900": 25_569, "1904": 24_107}
"""The day 1 January 1970, as spreadsheets count it since one of these years."""
_WORD: Final = re.compile(r"[^\W\d_]{3}")
_DATE: Final = r"(?P<a>\d{1,4})(?P<sign>[./-])(?P<b>\d{1,2})[./-](?P<c>\d{1,4})"
_TIME: Final = (
    r"(?P<h>\d{1,2})[:.h](?P<m>\d{2})(?:[:.](?P<s>\d{2})(?:[.,](?P<f>\d+))?)?\s*(?P<half>[AaPpBb])?\.?(?:[Mm]\.?)?"
)
"""With AM or PM; A and B mark the repeated hour, which can also be told by the order of rows."""
_NAMED_ZONES: Final = {"MESZ": 2, "MEZ": 1, "CEST": 2, "CET": 1, "WEST": 1, "WET": 0, "EEST": 3, "EET": 2}
"""Hours ahead of UTC; names from other continents are ambiguous."""
_ZONE: Final = rf"\s*(?P<zone>Z|UTC|GMT|{'|'.join(_NAMED_ZONES)}|[+-]\d{{2}}:?\d{{2}}|[+-]\d{{2}})?"
MOMENT: Final = re.compile(rf"^\s*(?:[A-Za-z]{{2,3}}\.?,?\s+)?{_DATE}(?:[\sT,]+{_TIME}{_ZONE})?\s*$")
_STRETCH: Final = re.compile(r"(?<=\d)\s+[-\u2013]\s+\d{1,4}[./:-]\d.*$")
"""The second end of `01/02/2018 00:00 - 01/02/2018 01:00`."""
CLOCK: Final = re.compile(rf"^\s*{_TIME}\s*$")
COMPACT: Final = re.compile(r"^\s*(?P<a>(?:19|20)\d{2})(?P<b>[01]\d)(?P<c>[0-3]\d)[T\s]?(?:(?P<h>\d{2}):?(?P<m>\d{2}):?(?P<s>\d{2})?)?(?P<zone>Z|[+-]\d{2}:?\d{2})?\s*$")  # fmt: skip # noqa: E501


class RowTimes(NamedTuple):
    """Times of the rows of a table."""

    ms: Ints
    """Milliseconds since 1970 in local time, or in UTC if `has_zone`; NONE if a cell is not a time."""
    has_zone: bool
    findings: tuple[FileFinding, ...]
    ends_at_24: bool = False
    """Whether the last row of a day has 24:00."""
    midnight_only: bool = False
    """Whether the cells are days without a time."""
    are_stretches: bool = False
    """Whether cells contain both ends of an interval, of which the first is used."""


def looks_like(cell: str) -> str | None:
    """`moment`, `date`, `clock`, or None: what a cell looks like."""
    plain = _STRETCH.sub("", numeric_month(cell))
    if (match := MOMENT.match(plain)) or (match := COMPACT.match(plain)):
        return "moment" if match.group("h") else "date"
    return "clock" if CLOCK.match(plain) else None


def moments(column: "pd.Series[str]", choices: Choices) -> RowTimes:
    """The times of a column; raises NotProved."""
    some = sample(column)
    some = some[some != ""]
    numeric = pd.to_numeric(some.str.replace(",", ".", regex=False), errors="coerce")
    compact = some.str.match(COMPACT)
    if len(some) and numeric.notna().all() and not compact.all():
        return _counted(column, numeric, since="1904" if choices.date_order == "1904" else "1900")
    codes, unique = pd.factorize(column)
    head = pd.Series(unique[:50], dtype=str)
    stretches = bool(head.map(numeric_month).str.contains(_STRETCH).any())
    form = _Form(
        COMPACT if compact.all() and len(some) else MOMENT, named=bool(head.str.contains(_WORD).any()),
        stretches=stretches,
    )  # fmt: skip
    dates = Dates()
    pieces = [
        _piece(pd.Series(unique[start : start + PIECE], dtype=str), form, dates)
        for start in range(0, max(len(unique), 1), PIECE)
    ]
    order = order_of(dates.parts(), choices)
    if order.value == "ymd" and any(piece.is_named for piece in pieces):
        order = FileFinding("date_order", "ymd", "the month is written as a word")
    days = np.append(begin_ms(dates.parts(), order.value or "ymd"), NONE)  # the last one: no date
    date = np.concatenate([piece.date for piece in pieces])
    clock_ms = np.concatenate([piece.clock_ms for piece in pieces])
    is_moment = (days[date] != NONE) & (clock_ms != NONE)
    never = _never(column, ((date >= 0) & ~is_moment)[codes])
    ms = np.where(is_moment, days[date] + np.where(is_moment, clock_ms, 0), NONE)
    zoned = np.concatenate([piece.has_zone for piece in pieces])
    if zoned.any():
        offset = np.concatenate([piece.offset_ms for piece in pieces])
        ms = np.where((ms != NONE) & zoned, ms - offset, NONE)
    unzoned = ~zoned & (date >= 0)
    return RowTimes(
        ms=ms[codes],
        has_zone=bool(zoned.any()),
        findings=(order, *never, *(_without_zone(column[unzoned[codes]]) if zoned.any() else ())),
        ends_at_24=any(piece.ends_at_24 for piece in pieces),
        midnight_only=not any(piece.has_clock for piece in pieces),
        are_stretches=stretches,
    )


class _Form(NamedTuple):
    """How the cells of a column are written."""

    pattern: re.Pattern[str]
    named: bool
    """Whether months may be words."""
    stretches: bool


class _Piece(NamedTuple):
    """The times in some cells, without their texts."""

    date: Ints
    """The index of the date; -1 if a cell is not a date."""
    clock_ms: Ints
    offset_ms: Ints
    has_zone: npt.NDArray[np.bool_]
    has_clock: bool
    ends_at_24: bool
    is_named: bool


def _piece(texts: "pd.Series[str]", form: _Form, dates: Dates) -> _Piece:
    is_named = False
    if form.named:
        written, texts = texts, texts.map(numeric_month)
        is_named = bool((written != texts).any())
    if form.stretches:
        texts = texts.str.replace(_STRETCH, "", regex=True)
    parts = texts.str.extract(form.pattern)
    if "sign" not in parts:
        parts["sign"] = "-"
    for name in ("f", "half"):
        if name not in parts:
            parts[name] = pd.NA
    return _Piece(
        date=dates.places(parts),
        clock_ms=_clock_ms(parts),
        offset_ms=_offset_ms(parts["zone"]),
        has_zone=parts["zone"].notna().to_numpy(dtype=np.bool_),
        has_clock=bool(parts["h"].notna().any()),
        ends_at_24=bool((pd.to_numeric(parts["h"], errors="coerce") == 24).any()),
        is_named=is_named,
    )


def _never(column: "pd.Series[str]", wrong: npt.NDArray[np.bool_]) -> tuple[FileFinding, ...]:
    """The finding about cells that look like a time but are not: 31 June, 25:00."""
    if not wrong.any():
        return ()
    example = column[wrong].iloc[0]
    why = f"{wrong.sum():,} times do not exist or lie after 2100, such as {example!r}: their rows are left out"
    return (FileFinding("never", str(int(wrong.sum())), why),)


def _without_zone(cells: "pd.Series[str]") -> tuple[FileFinding, ...]:
    """The finding about times without a zone among others that have one: their moment is unknown."""
    if len(cells) == 0:
        return ()
    why = f"{len(cells)} times have no zone, such as {cells.iloc[0]!r}, while others do: their rows are left out"
    return (FileFinding("zone_missing", str(len(cells)), why),)


def clocks(column: "pd.Series[str]") -> tuple[Ints, bool]:
    """Milliseconds since midnight of cells such as 00:15, NONE if a cell is not a time; and whether one is 24:00."""
    codes, unique = pd.factorize(column)
    parts = pd.Series(unique, dtype=str).str.extract(CLOCK)
    ms = _clock_ms(parts)
    hours = pd.to_numeric(parts["h"], errors="coerce")
    ms = np.where(hours.notna(), ms, NONE)  # also NONE if there is no such time
    return ms[codes], bool((hours == 24).any())


def _clock_ms(parts: pd.DataFrame) -> Ints:
    """Milliseconds since midnight; NONE if no day has such a time. A day ends at 24:00."""
    hour, minute, second = (pd.to_numeric(parts[name], errors="coerce").fillna(0) for name in "hms")
    half = parts["half"].str.lower() if parts["half"].notna().any() else None
    if half is not None:
        hour = hour.where(~half.isin(["a", "p"]), hour % 12 + 12.0 * (half == "p"))
    fraction = pd.to_numeric("0." + parts["f"].fillna("0").astype(str), errors="coerce").fillna(0)
    total = ((hour * 3600 + minute * 60 + second + fraction) * 1000).to_numpy(dtype=np.float64)
    is_time = (minute < 60).to_numpy() & (second < 60).to_numpy() & (total <= DAY_MS)
    return np.where(is_time, np.rint(total).astype(np.int64), NONE)


def _offset_ms(zones: "pd.Series[str]") -> Ints:
    named = {name: f"+{hours:02}:00" for name, hours in _NAMED_ZONES.items()}
    matches = zones.replace(named).str.extract(r"(?P<sign>[+-])(?P<h>\d{2}):?(?P<m>\d{2})?")
    hours, minutes = (pd.to_numeric(matches[name], errors="coerce").fillna(0) for name in "hm")
    sign = np.where(matches["sign"] == "-", -1, 1)
    return np.asarray(sign * (hours * 60 + minutes) * 60_000, dtype=np.int64)


def _counted(column: "pd.Series[str]", numeric: "pd.Series[float]", *, since: str) -> RowTimes:
    low, high = float(numeric.min()), float(numeric.max())
    values = pd.to_numeric(column.str.replace(",", ".", regex=False), errors="coerce").to_numpy(dtype=np.float64)
    is_finite = np.isfinite(values)
    some_cells = [str(cell) for cell in column.iloc[:50]]
    if low >= 20_000 and high < 80_000:
        steps = np.unique(np.rint(np.diff(numeric.to_numpy()) * 86_400))
        if len(steps) <= max(3, len(numeric) // 10):
            epoch = EPOCHS[since]
            seconds = (np.where(is_finite, values, epoch) - epoch) * 86_400
            ms = np.rint(_to_whole_minutes(seconds, some_cells) * 1000).astype(np.int64)
            other = np.datetime64(int(numeric.iloc[0]) - EPOCHS["1904"], "D")
            why = f"{numeric.iloc[0]:g} is a spreadsheet's count of days since {since}: its neighbours follow evenly"
            if since == "1900":
                why += f" (since 1904, as some Macs count, it would be {other})"
            return RowTimes(np.where(is_finite, ms, NONE), False, (FileFinding("date_order", "days", why),))
    for unit, per_ms in (("seconds", 1000.0), ("milliseconds", 1.0), ("microseconds", 1e-3), ("nanoseconds", 1e-6)):
        if low * per_ms >= 946_684_800_000 and high * per_ms < LATEST_MS:
            ms = np.rint(np.where(is_finite, values, 0) * per_ms).astype(np.int64)
            finding = FileFinding("date_order", unit, f"{numeric.iloc[0]:.15g} counts {unit} since 1970")
            return RowTimes(np.where(is_finite, ms, NONE), True, (finding,))
    problem = (
        f"{numeric.iloc[0]:.15g} is not a time in any unit; a count of cycles or samples also needs "
        "--starts and --every"
    )
    raise NotProved("time_column", problem)


def _to_whole_minutes(seconds: "npt.NDArray[np.float64]", cells: list[str]) -> "npt.NDArray[np.float64]":
    """Rounded to minutes if a day's fraction has too few digits for seconds; otherwise to seconds."""
    digits = max((len(re.split(r"[.,]", cell)[-1]) for cell in cells if re.search(r"[.,]", cell)), default=0)
    coarse = 0.51 * 86_400 * 10.0**-digits
    minutes = np.rint(seconds / 60) * 60
    return np.where((coarse < 30) & (np.abs(seconds - minutes) <= max(coarse, 0.5)), minutes, np.rint(seconds))
