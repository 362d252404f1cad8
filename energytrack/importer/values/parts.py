"""Columns that count parts: those of each interval, or a cumulative counter. Pure."""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from energytrack.importer.cells.headings import listed
from energytrack.importer.choices import Choices, FileFinding, NotProved
from energytrack.importer.content import Floats, Ints, ProducedParts
from energytrack.importer.values.labels import LEAST_ROWS
from energytrack.importer.values.rows import FileColumn
from energytrack.ledger.parts import PartsCounter, counted

_UNIT: Final = re.compile(r"[\[(<{,;]\s*(stk|stck|stücke?|st|pcs?|pieces?|parts?|pzs?|pzas?|szt|units)\.?\s*[\])>}]?\s*$", re.I)  # fmt: skip # noqa: E501
_NAME: Final = re.compile(
    r"^\W*((good|ok|total|produced|finished|machined)[ _]?)?(parts|pieces|pcs|part_?count|gutteile|gutmenge|"
    r"teilezähler|stück(zahl|zähler)?|piezas|pezzi|pièces|sztuki)([ _](produced|made|ok|good|total|"
    r"count(er)?|per|je|pro)\b.*)?\W*$",
    re.I,
)
_SCRAP: Final = re.compile(
    r"(scrap|reject|defect|ausschuss|\bn\.?i\.?o\.?\b|\bnok\b|not[ _]ok|bad[ _](parts|pieces|pcs)|schlechtteile|rebut|"
    r"rechaz|scarti|brak)", re.I
)  # fmt: skip
_GOOD: Final = re.compile(r"(\b|_)(good|ok|i\.?o\.?|bonnes?|buenas?|buone|dobr\w*)(\b|_)|gut(teile|menge)", re.I)
_COUNTER: Final = re.compile(r"(counter|zähler|total|cumul|kumul|part_?count\b|compteur|contador)", re.I)
_INTERVAL: Final = re.compile(r"(\bper\b|\bje\b|\bpro\b|/\s*(h|hour|15|interval)|\bpar\b|\bpor\b)", re.I)


_LOTS: Final = "the times follow no interval, and the values fall: each row is a lot that was finished then"


class RowInterval(NamedTuple):
    """The intervals of the rows of a file."""

    width_ms: int
    shift_ms: int
    """From the beginning of an interval to the reading of its value, if rows have the end of their interval."""


def parts_column(columns: Sequence[FileColumn], choices: Choices) -> str | None:
    """The heading of the column that counts parts; None if there is none. Raises NotProved."""
    headings = list(dict.fromkeys(column.heading for column in columns))
    if choices.parts is not None:
        if choices.parts and choices.parts not in headings:
            raise NotProved("parts", f"there is no column {choices.parts!r}; the columns are {listed(headings)}")
        return choices.parts or None
    counts = {each.heading for each in columns if counts_parts(each.heading) or counts_parts(f"[{each.unit}]")}
    candidates = [
        each for each in headings if each in counts and each not in choices.signals and not _SCRAP.search(each)
    ]
    if len(candidates) > 1:
        raise NotProved("parts", f"several columns count parts: {', '.join(candidates)}", candidates[0])
    return candidates[0] if candidates else None


def parts_finding(heading: str | None, choices: Choices) -> FileFinding:
    """The finding about the column that counts parts."""
    return FileFinding("parts", heading, "as given" if choices.parts else "the heading says that it counts parts")


def scrap_column(columns: Sequence[FileColumn], choices: Choices, *, parts: str | None) -> str | None:
    """The heading of the column that counts rejected parts, if another one counts parts; raises NotProved."""
    headings = list(dict.fromkeys(column.heading for column in columns))
    if parts is None or choices.scrap == "":
        return None
    if choices.scrap is not None:
        if choices.scrap not in headings:
            raise NotProved("scrap", f"there is no column {choices.scrap!r}; the columns are {listed(headings)}")
        return choices.scrap
    candidates = [each for each in headings if _SCRAP.search(each) and each != parts and each not in choices.signals]
    if len(candidates) > 1:
        raise NotProved("scrap", f"several columns count rejected parts: {', '.join(candidates)}", candidates[0])
    return candidates[0] if candidates else None


def says_good(heading: str) -> bool:
    """Whether a heading says that its parts are the good ones only."""
    return _GOOD.search(heading) is not None


def with_scrap(
    column: FileColumn, scrap: Sequence[FileColumn], findings: list[FileFinding], *, counters_of: Ints | None = None
) -> tuple[Floats, Floats | None]:
    """All parts, and the rejected ones among them; None if no column counts these.

    If both columns are counters, `counters_of` has the machine of each row: a missing value is replaced by the one
    before, or the sum of both would fall and rise.
    """
    if not scrap:
        return column.values, None
    rejected = scrap[0].values
    if counters_of is not None:
        standing = pd.Series(rejected).groupby(counters_of).ffill().groupby(counters_of).bfill()
        rejected = np.asarray(standing, dtype=np.float64)
    if says_good(column.heading):
        why = f"{column.heading!r} counts good parts: all parts are those and the rejected ones"
        findings.append(FileFinding("scrap", scrap[0].heading, why))
        return column.values + np.nan_to_num(rejected), rejected
    findings.append(FileFinding("scrap", scrap[0].heading, "the rejected parts"))
    return column.values, rejected


def follow_no_interval(times: Ints, series: Ints) -> bool:
    """Whether the rows of a machine have irregular times."""
    order = np.lexsort((times, series))
    at, of = times[order], series[order]
    steps = np.diff(at)[of[1:] == of[:-1]]
    steps = steps[steps > 0]
    if not len(steps):
        return False
    _, often = np.unique(steps, return_counts=True)
    return bool(2 * often.max() <= len(steps))


def counts_parts(heading: str) -> bool:
    """Whether a heading says that its column counts parts."""
    return _UNIT.search(heading) is not None or _NAME.match(heading.partition("[")[0]) is not None


def kind_of_count(
    heading: str, values: Floats, series: Ints, choices: Choices, *, at_any_time: bool = False
) -> FileFinding:
    """Whether values are parts of each interval, of lots finished at any time, or a counter; raises NotProved.

    A counter may be reset with each order or shift: then it falls seldom, and to about zero.
    """
    if choices.parts_values is not None:
        return FileFinding("parts_values", choices.parts_values, "as given")
    is_finite = np.isfinite(values)
    some, series_of_value = values[is_finite], series[is_finite]
    steps, after = np.diff(some), some[1:]
    same = series_of_value[1:] == series_of_value[:-1]
    steps, after = steps[same], after[same]
    rises, falls = int((steps > 0).sum()), int((steps < 0).sum())
    if falls > 2 and 4 * falls > rises + falls:
        if at_any_time:
            return FileFinding("parts_values", "lots", _LOTS)
        return FileFinding("parts_values", "interval", f"they fall {falls:,} times and rise {rises:,} times")
    if rises >= LEAST_ROWS:
        usual = float(np.median(steps[steps > 0]))
        set_back = not falls or float(np.median(after[steps < 0])) <= 2.0 * usual
        if set_back and float(np.median(some)) > 4.0 * usual:
            how = f"are reset {falls:,} times" if falls else "never fall"
            return FileFinding("parts_values", "register", f"they rise {rises:,} times and {how}: a counter")
    if at_any_time and (falls or not rises) and not _COUNTER.search(heading):
        return FileFinding("parts_values", "lots", _LOTS)
    says_counter, says_interval = bool(_COUNTER.search(heading)), bool(_INTERVAL.search(heading))
    if says_counter != says_interval:
        return FileFinding("parts_values", "register" if says_counter else "interval", "the heading says so")
    raise NotProved(
        "parts_values", f"nothing shows whether {heading!r} counts the parts of each interval, of lots, or all so far"
    )


def parts_of(
    at_ms: Ints, values: Floats, kind: str | None, interval: RowInterval
) -> tuple[ProducedParts, tuple[FileFinding, ...]]:
    """The parts of a column; invalid counts are not known."""
    if kind != "register":
        negative = values < 0
        why = "counts below zero are not possible, and count as unknown"
        findings = (FileFinding("cells", str(int(negative.sum())), why),) if negative.any() else ()
        return ProducedParts(at_ms, at_ms + interval.width_ms, np.where(negative, np.nan, values)), findings
    good = np.isfinite(values)
    at, counts = at_ms[good] + interval.shift_ms, values[good]
    parts = np.full(max(len(at) - 1, 0), np.nan)
    counter: PartsCounter | None = None
    for i, (ms, count) in enumerate(zip(at.tolist(), counts.tolist(), strict=True)):
        counter, made = counted(counter, count, ms / 1000.0)
        if made is not None:
            parts[i - 1] = made
    unknown = int(np.isnan(parts).sum())
    why = f"{unknown:,} times more parts than a machine can make: unknown"
    return ProducedParts(at[:-1], at[1:], parts), (FileFinding("cells", str(unknown), why),) if unknown else ()
