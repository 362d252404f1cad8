"""Headings of a table: the row that has them, the rows above or below with units, and a name for each column."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

VALUE: Final = re.compile(r"^\s*[+-]?[.,]?\d[\d.,:\s/TZ+-]*\s*$")
"""A cell that is a number or a time."""
_UNIT: Final = re.compile(
    r"[\[({<].{0,24}[\])}>]|[kMGm]?(Wh|W|varh?|VAh?|V|A|Pa|N|Nm|J|g|m|bar|l|L|s|Hz)|°[CF]|deg[CF]|grad C|%|K|t|h|d|min|"
    r"hPa|psi[ag]?|bar[ag]|inHg|mmHg|torr|1/min|min-?1|rpm|[uU]/min|mm|µm|m³|m3|(mm|m)/s[²2]?|(m³|m3|l|L|kg|t)/(h|min|s)|"
    r"st(k|ck|ück)?\.?|pcs?\.?|cos ?(phi|φ)|-|UTC|GMT|MEZ|CET|lokal|local|"
    r"[dmyhstj]{1,4}([./:\s-]+[dmyhstj]{1,4}){1,5}", re.I,
)  # fmt: skip
"""A cell below or above a heading that is the unit or the format of a column, not a name."""
_NUMBERED: Final = re.compile(r"([QqHhVv]\s?)?(\d{1,3})")
SHOWN: Final = 40
DAYS_OF: Final = {24: 25, 96: 100}
"""The most values of a day, by those of an ordinary day, for which headings are often written."""


class Headings(NamedTuple):
    """The names of the columns, as they are in the file."""

    names: Sequence[str]
    above: int
    """The number of rows above them, which belong to nothing."""


def listed(headings: Iterable[str]) -> str:
    """Headings as a question lists them: the first few of thousands."""
    names = list(headings)
    return ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else "")


def headings_in(rows: Sequence[list[str]], heading: int) -> Headings:
    """The headings in a row (-1: none), with the row of units or groups above or below it."""
    if heading < 0:
        return Headings((), 0)
    names = [cell.strip() for cell in rows[heading]]
    above = [cell.strip() for cell in rows[heading - 1]] if heading > 0 else []
    if _are_units(names, above):
        return Headings(_with_units(above, names), heading - 1)
    if _are_units(above, names):
        return Headings(_with_units(names, above), heading - 1)
    return Headings(grouped(names, above), heading)


def _are_units(row: Sequence[str], names: Sequence[str]) -> bool:
    """Whether a row has the units of the columns that the other row names."""
    units = {i for i, cell in enumerate(row) if cell}
    named = {i for i, cell in enumerate(names) if cell and not VALUE.match(cell)}
    return (
        len(named) > 1
        and bool(units)
        and units <= named
        and all(_UNIT.fullmatch(row[i]) for i in units)
        and any(not _UNIT.fullmatch(names[i]) for i in units)
    )


def _with_units(names: Sequence[str], units: Sequence[str]) -> list[str]:
    whole = []
    for i in range(max(len(names), len(units))):
        name, unit = names[i] if i < len(names) else "", (units[i] if i < len(units) else "").strip("[](){}<>- ")
        whole.append(f"{name} [{unit}]" if name and unit else name)
    return whole


def for_the_longest_day(names: Sequence[str]) -> Sequence[str]:
    """Headings that count the hours or quarter hours of a day, with those added that only the longest day has."""
    match = _NUMBERED.fullmatch(names[-1]) if names else None
    count = int(match.group(2)) if match else 0
    if match is None or count not in DAYS_OF or not all(map(_NUMBERED.fullmatch, names[-count + 1 :])):
        return names
    return [*names, *(f"{match.group(1) or ''}{number}" for number in range(count + 1, DAYS_OF[count] + 1))]


def heading_of(rows: Sequence[list[str]]) -> tuple[int, int]:
    """The row of the headings (-1: none), and the number of columns.

    The table begins where rows have its width and contain values; the row above it has the headings.
    """
    widths = Counter(len(row) for row in rows if len(row) > 1 and any(VALUE.match(cell) for cell in row))
    if not widths:
        return 0, max(map(len, rows))
    width = widths.most_common(1)[0][0]
    for i, row in enumerate(rows):
        if len(row) == width and any(VALUE.match(cell) for cell in row) and _values_below(rows, i, width):
            above = i - 1
            while above >= 0 and not any(rows[above]):
                above -= 1
            if above >= 0 and (len(rows[above]) >= width - 1 or sum(map(bool, rows[above])) >= min(2, width - 1)):
                return above, width
            return (0, width) if _headed_by_times(row) else (-1, width)
    return 0, width


def _headed_by_times(row: list[str]) -> bool:
    """Whether a first row of values consists of headings such as 00:15 or 1, 2, 3."""
    return not VALUE.match(row[0]) and len(row) > 20


def _values_below(rows: Sequence[list[str]], i: int, width: int) -> bool:
    """Whether row `i` begins the values: it does not if it has headings such as 00:15 or 1, 2, 3 and values follow."""
    return not (_headed_by_times(rows[i]) and any(len(row) == width for row in rows[i + 1 : i + 3]))


def grouped(names: Sequence[str], above: Sequence[str]) -> Sequence[str]:
    """Headings that repeat, each with the heading above it: for example the meter above and the unit below.

    A merged cell has its text in its first column.
    """
    counts = Counter(filter(None, names))
    if sum(map(bool, above)) < 2 or max(counts.values(), default=0) < 2:
        return names
    groups: list[str] = []
    for i in range(len(names)):
        cell = above[i] if i < len(above) else ""
        groups.append(cell or (groups[-1] if groups else ""))
    return [f"{group} {name}".strip() if counts[name] > 1 else name for name, group in zip(names, groups, strict=True)]


def unique_names(names: Sequence[str], width: int) -> tuple[str, ...]:
    """Headings with none empty and none repeated."""
    seen: Counter[str] = Counter()
    unique = []
    for i in range(width):
        name = (names[i] if i < len(names) else "") or f"column {i + 1}"
        seen[name] += 1
        unique.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(unique)
