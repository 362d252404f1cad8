"""Heat maps of a load: a month by quarter hour, a year by hour; their small squares print well, in grey too."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from energytrack.bill.load import Load, Month
from energytrack.languages.words import Words
from energytrack.ledger.local_days import dates
from energytrack.metering.quarters import QUARTER_SECONDS
from energytrack.report.content import Carpet
from energytrack.report.document import AxisTick, HeatMap

Row = Sequence[float | None]
Colour = tuple[int, int, int]
QUARTERS: Final = 96
HOURS: Final = 24
SCALE: Final[tuple[Colour, ...]] = (
    (250, 246, 235), (248, 213, 143), (240, 149, 76), (207, 77, 84), (125, 37, 102), (46, 16, 76),
)  # fmt: skip
"""From pale to dark, each darker than the one before, so that a grey copy shows the same."""
UNKNOWN: Final[Colour] = (226, 229, 232)
EVERY_HOURS: Final = 3


def month_map(load: Load, month: Month, zone: ZoneInfo, words: Words) -> HeatMap | None:
    """The month's map, days down and quarter hours across; None if nothing is known."""
    if load.until is None:
        return None
    cells: dict[tuple[date, int], list[float]] = {}
    highest = max(range(len(load.kwh)), key=load.kw)
    mark: tuple[float, float] | None = None
    for index in range(len(load.kwh)):
        at = load.start + index * QUARTER_SECONDS
        if not load.known[index]:
            continue
        local = datetime.fromtimestamp(at, zone)
        column = local.hour * 4 + local.minute // 15
        cells.setdefault((local.date(), column), []).append(load.kw(index))
        if index == highest:
            mark = ((column + 0.5) / QUARTERS, (local.day - 0.5) / month.days)
    days = list(dates(month.first, month.last))
    rows = [[_mean(cells.get((day, column))) for column in range(QUARTERS)] for day in days]
    down = tuple(
        AxisTick((number + 0.5) / len(days), f"{words.weekday(day)} {day.day}") for number, day in enumerate(days)
    )
    return _heat(rows, _hours_across(), down, words, mark=mark, centimetres=11.5)


def year_map(carpet: Carpet, words: Words) -> HeatMap | None:
    """The year's map, hours down and days across; None if nothing is known."""
    rows = [[day[hour] for day in carpet.days] for hour in range(HOURS)]
    across = []
    for number in range(len(carpet.days)):
        day = carpet.first + timedelta(days=number)
        if day.day == 15:
            across.append(AxisTick(number / len(carpet.days), words.month_name(day)))
    down = tuple(AxisTick((hour + 0.5) / HOURS, str(hour)) for hour in range(0, HOURS, EVERY_HOURS))
    return _heat(rows, tuple(across), down, words, mark=None, centimetres=6.0)


def _heat(
    rows: Sequence[Row], across: tuple[AxisTick, ...], down: tuple[AxisTick, ...], words: Words, *,
    mark: tuple[float, float] | None, centimetres: float,
) -> HeatMap | None:  # fmt: skip
    top = max((value for row in rows for value in row if value is not None), default=None)
    if top is None:
        return None
    pixels = [part for row in rows for value in row for part in colour(value, top)]
    scale = (words.with_unit(0, "kW"), words.with_unit(top / 2, "kW"), words.with_unit(top, "kW"))
    return HeatMap(
        width=len(rows[0]), height=len(rows), pixels=tuple(pixels), across=across, down=down, scale=scale,
        unknown=words.unknown, mark=mark, centimetres=centimetres,
    )  # fmt: skip


def colour(value: float | None, top: float) -> Colour:
    """The colour of a power between zero and the highest."""
    if value is None:
        return UNKNOWN
    place = (min(max(value / top, 0.0), 1.0) if top > 0.0 else 0.0) * (len(SCALE) - 1)
    number = min(int(place), len(SCALE) - 2)
    (low, high), share = list(pairwise(SCALE))[number], place - number
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(low, high, strict=True))
    return red, green, blue


def _hours_across() -> tuple[AxisTick, ...]:
    return tuple(AxisTick(hour / HOURS, f"{hour}:00") for hour in range(0, HOURS + 1, EVERY_HOURS))


def _mean(values: Iterable[float] | None) -> float | None:
    numbers = list(values or ())
    return sum(numbers) / len(numbers) if numbers else None
