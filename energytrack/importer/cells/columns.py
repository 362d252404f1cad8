"""The columns of a sheet: which one has the time, which one names the machine, and which have values."""

import fnmatch
import re
from collections import Counter
from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

import pandas as pd

from energytrack.importer.cells.headings import listed
from energytrack.importer.cells.layout import TextTable
from energytrack.importer.cells.moments import COMPACT, looks_like
from energytrack.importer.cells.numerals import is_lost, is_number, united
from energytrack.importer.cells.sensors import SENSORS, own_sensor, sensors_in, stated_unit
from energytrack.importer.cells.units import ENERGY, POWER, distinct, identifier, meaning, unit_of
from energytrack.importer.choices import Choices, FileFinding, NotProved

Kind = Literal["moment", "date", "clock", "number", "text", "empty"]
MOST_SIGNALS: Final = 32
LEAST_WIDE: Final = 20
_TIME_WORD: Final = re.compile(
    r"(time|zeit|datum|date|fecha|hora|heure|jour|day|tag$|ts$|epoch|last_changed|^_time$|tijd|giorno|data\b)", re.I
)
_HOUR_WORD: Final = re.compile(
    r"^\W*(hora|stunde|std|hour|hours|heure|uur|ora|godzina|hodina|time|timme|he|hour.?ending|hr)\b", re.I
)
_MONTH_WORD: Final = re.compile(rf"{_TIME_WORD.pattern}|mon(at|th)|mois|mes\b|mies|period", re.I)
_NO_YEAR: Final = re.compile(r"\d{1,2}(\.\d{1,2}\.|[/-]\d{1,2})([\sT]+\d{1,2}:.*)?|\d{1,2}\.\d{1,2}\s+\d{1,2}:.*")
_NO_DAY: Final = re.compile(r"(0?[1-9]|1[0-2])[./-](19|20)\d\d|(19|20)\d\d[./-](0?[1-9]|1[0-2])")
_STOP_WORD: Final = re.compile(r"(^_stop$|^_start$|exported|created|upload)", re.I)
_UNIT_WORD: Final = re.compile(r"^\s*(unit|einheit|unidad|unit. de mesure|eenheid|unit_of_measurement|uom)\s*$", re.I)
_STATUS_WORD: Final = re.compile(r"(status|quality|qualit|flag|kennung|remark|bemerkung|comment|note)", re.I)
_WIDE: Final = re.compile(r"^\s*(?:[QqHhVv]\s?)?(\d{1,3})\s*$")


class Roles(NamedTuple):
    """The columns of a sheet by what they contain, as positions."""

    time: int
    clock: int | None
    """The time of day, if the date is in another column."""
    until: int | None
    """The end of the interval, if `time` is its beginning."""
    device: int | None
    key: int | None
    """The quantity of the row's value: an OBIS code, an entity, a name."""
    unit: int | None
    values: tuple[int, ...]
    wide: tuple[int, ...]
    """Columns for the times of a day."""
    findings: tuple[FileFinding, ...]
    hour: int | None = None
    """Counts the hours of a day."""


def roles(sheet: TextTable, choices: Choices) -> Roles:
    """The role of each column; raises NotProved."""
    kinds = [kind_of_cells(sheet.cells[i], heading) for i, heading in enumerate(sheet.headings)]
    wide = _wide(sheet.headings)
    time, clock, until = _times(sheet, kinds, choices, wide)
    hour = None if clock is not None or kinds[time] != "date" or wide else _hour(sheet, kinds)
    taken = {time, clock, until, hour, *wide}
    rest = [i for i in range(len(kinds)) if i not in taken and kinds[i] != "empty"]
    unit = next((i for i in rest if _UNIT_WORD.match(sheet.headings[i])), None)
    rest = [i for i in rest if i != unit and not _STATUS_WORD.search(sheet.headings[i])]
    device, key = _names(sheet, kinds, rest, choices)
    values = [i for i in rest if i not in {device, key} and kinds[i] == "number" and not _is_id(sheet, i)]
    if not values and not wide:
        raise NotProved("columns", f"no column has values; the columns are {_examples(sheet)}")
    findings = [FileFinding("time", _headings_at(sheet, time, clock, hour, until), "its cells are times")]
    if wide:
        findings.append(FileFinding("shape", "wide", f"{len(wide)} columns are times of a day, a row is a day"))
    elif key is not None:
        findings.append(FileFinding("shape", "long", f"each row says in {sheet.headings[key]!r} what its value is"))
    else:
        findings.append(FileFinding("shape", "columns", "each column is a quantity, each row a time"))
    unused = [sheet.headings[i] for i in rest if i not in {device, key, *values}]
    if unused:
        findings.append(
            FileFinding("unused", ", ".join(unused)[:200], "columns without times, numbers or names of machines")
        )
    if device is not None:
        findings.append(FileFinding("device_column", sheet.headings[device], "it distinguishes the meters or machines"))
    return Roles(time, clock, until, device, key, unit, tuple(values), wide, tuple(findings), hour)


def _examples(sheet: TextTable) -> str:
    """The headings, each with its first cell."""
    return listed(f"{heading!r} ({sheet.cells[i].iloc[0]!r})" for i, heading in enumerate(sheet.headings))


def kind_of_cells(column: "pd.Series[str]", heading: str) -> Kind:
    """What most cells of a column look like."""
    some = [cell for cell in column.iloc[:: max(1, len(column) // 200)].tolist() if not is_lost(cell)][:200]
    if not some:
        return "empty"
    if all(COMPACT.match(cell) for cell in some):
        return "moment" if any(len(cell.strip()) > 8 for cell in some) else "date"
    kinds = Counter(map(_looks, some))
    kind = kinds.most_common(1)[0][0]
    if kind == "number" and _TIME_WORD.search(heading) and not meaning(heading).unit and _is_count(some):
        return "moment"
    if kinds["moment"] and kind == "date":
        return "moment"
    return kind  # type: ignore[return-value]


def _looks(cell: str) -> str:
    if is_number(cell):
        return "number"
    return looks_like(cell) or ("number" if united(cell) else "text")


def _is_count(cells: list[str]) -> bool:
    """Whether numbers count time since 1970, in seconds or smaller units, or days since 1900."""
    try:
        values = [float(cell.replace(",", ".")) for cell in cells]
    except ValueError:  # separated thousands, or a word among them
        return False
    return min(values) >= 9e8 or (min(values) >= 20_000 and max(values) < 80_000)


def _wide(headings: tuple[str, ...]) -> tuple[int, ...]:
    clocks = tuple(i for i, heading in enumerate(headings) if is_clock(heading))
    numbered = tuple(i for i, heading in enumerate(headings) if _WIDE.match(heading))
    wide = max(clocks, numbered, key=len)
    return wide if len(wide) >= LEAST_WIDE else ()


def is_clock(heading: str) -> bool:
    """Whether a heading is a time of day, or an interval of it."""
    return looks_like(_plain(heading).split("-")[0].strip()) == "clock"


def clock_in(heading: str) -> str:
    """The time of day in a heading: `00:00` of `00:00-00:15`."""
    return _plain(heading).split("-")[0].strip()


def _plain(heading: str) -> str:
    return re.sub(r"\s*\(\d\)$", "", heading).removeprefix("T").strip()


def _times(
    sheet: TextTable, kinds: list[Kind], choices: Choices, wide: tuple[int, ...]
) -> tuple[int, int | None, int | None]:
    if choices.time_column is not None:
        if choices.time_column not in sheet.headings:
            there = listed(sheet.headings)
            raise NotProved("time_column", f"there is no column {choices.time_column!r}; the columns are {there}")
        at = sheet.headings.index(choices.time_column)
        clock = at + 1 if kinds[at] == "date" and at + 1 < len(kinds) and kinds[at + 1] == "clock" else None
        return at, clock, None
    usable = [i for i in range(len(kinds)) if i not in wide and not _STOP_WORD.search(sheet.headings[i])]
    full = [i for i in usable if kinds[i] == "moment"]
    dates = [i for i in usable if kinds[i] == "date"]
    clocks = [i for i in usable if kinds[i] == "clock"]
    if full:
        preferred = [i for i in full if sheet.headings[i] in {"_time", "last_changed", "Time"}] or full
        if len(full) == 2 and len(preferred) == 2:
            return full[0], None, full[1]
        return preferred[0], None, None
    if dates and wide:
        return dates[0], None, None
    if dates and clocks:
        until = clocks[1] if len(clocks) > 1 else None
        return dates[0], clocks[0], until
    if dates:
        return dates[0], None, None
    _check_whole_dates(sheet)
    counted = "; for a column that counts cycles or samples, also give --starts and --every"
    raise NotProved("time_column", f"no column has times; the columns are {listed(sheet.headings)}{counted}")


def _check_whole_dates(sheet: TextTable) -> None:
    """Raises NotProved if a column has dates without a year, or without a day."""
    for i, heading in enumerate(sheet.headings):
        some = [cell.strip() for cell in sheet.cells[i].iloc[:50].tolist() if not is_lost(cell)]
        if not some:
            continue
        if all(map(_NO_YEAR.fullmatch, some)):
            lacks = "have no year: add it in the file, as in 31.01.2026"
        elif _MONTH_WORD.search(heading) and all(map(_NO_DAY.fullmatch, some)):
            lacks = "are months: write the first day of each in the file, as in 01.01.2026"
        else:
            continue
        raise NotProved("time_column", f"the dates in {heading!r}, such as {some[0]!r}, {lacks}")


def _hour(sheet: TextTable, kinds: list[Kind]) -> int | None:
    """The column that counts the hours of a day: its heading says so, and its cells are whole numbers up to 25."""
    for i, heading in enumerate(sheet.headings):
        if kinds[i] == "number" and _HOUR_WORD.match(heading):
            cells = sheet.cells[i][sheet.cells[i] != ""]
            if len(cells) and cells.str.fullmatch(r"\s*(\d|1\d|2[0-5])\s*").all():
                return i
    return None


def _names(sheet: TextTable, kinds: list[Kind], rest: list[int], choices: Choices) -> tuple[int | None, int | None]:
    """The column that names the machine, and the one that names the quantity of the row."""
    device = key = None
    if {"entity_id", "state"} <= set(sheet.headings):  # Home Assistant: an entity is a quantity, not a machine
        return None, sheet.headings.index("entity_id")
    if choices.device_column is not None:
        if choices.device_column not in sheet.headings:
            raise NotProved(
                "device_column",
                f"there is no column {choices.device_column!r}; the columns are {listed(sheet.headings)}",
            )
        device = sheet.headings.index(choices.device_column)
    numbers = [i for i in rest if kinds[i] == "number" and not _is_id(sheet, i)]
    for i in rest:
        if i == device or sheet.cells[i].iloc[0] == "":
            continue
        heading_meaning = meaning(sheet.headings[i])
        distinct = sheet.cells[i].iloc[:5000].nunique()
        if device is None and heading_meaning.is_id and (kinds[i] == "text" or _is_id(sheet, i)):
            device = i
        elif key is None and len(numbers) == 1 and kinds[i] in {"text", "number", "moment"} and heading_meaning.is_name:
            key = i if i not in numbers and 0 < distinct <= 1000 else None
    return device, key


def _is_id(sheet: TextTable, i: int) -> bool:
    """Whether a column of numbers contains ids: its heading says so, and its cells hardly change."""
    heading_meaning = meaning(sheet.headings[i])
    if heading_meaning.unit is not None or not heading_meaning.is_id:
        return False
    cells = sheet.cells[i].iloc[:2000]
    return bool(cells.str.fullmatch(r"[A-Za-z0-9 ._:-]*").all() and cells.nunique() <= max(20, len(cells) // 20))


def _headings_at(sheet: TextTable, *places: int | None) -> str:
    return " + ".join(sheet.headings[i] for i in places if i is not None)


def machines_of(names: Iterable[object], choices: Choices, file: str) -> list[str]:
    """The ids of the machines that a file names: chosen by a person, or made from the name.

    Raises NotProved if two names would become one machine: their values would be mixed.
    """
    ids: list[str] = []
    by_id: dict[str, str] = {}
    for name in map(str, names):
        chosen = choices.devices.get(name)
        ids.append(chosen or identifier(name))
        plain = " ".join(name.split())
        other = by_id.setdefault(ids[-1], plain)
        if chosen is None and other != plain:
            raise NotProved(
                "devices",
                f"{file}: {other!r} and {plain!r} would both be the machine {ids[-1]!r}: say which is which",
                f"{plain}={distinct(ids[-1], {*ids, *choices.devices.values()})}",
            )
    return ids


def chosen_signals(headings: list[str], choices: Choices) -> list[str]:
    """The columns that become signals; raises NotProved if there are too many."""
    chosen = [
        heading
        for heading in headings
        if (choices.columns is None or fnmatch.fnmatch(heading, choices.columns))
        and choices.signals.get(heading) != ""
        and (not choices.only_named or heading in choices.signals or own_sensor(heading) == heading)
    ]
    if len(chosen) > MOST_SIGNALS + 3:
        raise NotProved("columns", f"{len(chosen)} columns of numbers are more than the {MOST_SIGNALS} of a reading")
    return chosen


def is_energy(unit: str | None) -> bool:
    """Whether a unit is one of energy or power."""
    return unit in ENERGY or unit in POWER


def unit_in(heading: str, choices: Choices, declared: str | None = None, *, alone: bool = True) -> str | None:
    """The unit of a column: declared in its cells, stated in its heading, or chosen for columns of energy."""
    unit = (declared or "").strip().lower() or unit_of(heading)
    if not declared and not is_energy(unit):
        said = choices.signals.get(heading, "")
        unit = stated_unit(heading, [said] if said in SENSORS else sensors_in(heading)) or unit
    if unit or choices.unit is None:
        return unit
    heading_meaning = meaning(heading)
    return choices.unit.lower() if alone or heading_meaning.says_interval or heading_meaning.says_register else None
