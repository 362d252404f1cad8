"""Local times as UTC, with the hour that clocks show twice in autumn and the one that they skip in spring."""

from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import numpy.typing as npt
import pandas as pd

from energytrack.importer.cells.dates import DAY_MS, NONE, Ints
from energytrack.importer.choices import Choices, FileFinding, NotProved

Mask = npt.NDArray[np.bool_]
_HOUR = 3_600_000


class UtcTimes(NamedTuple):
    ms: Ints
    findings: tuple[FileFinding, ...]
    dropped: Mask
    """Rows of the hour that does not exist, which have no values."""


def zone_named(name: str) -> ZoneInfo:
    """The zone of that name; raises NotProved."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise NotProved("zone", f"{name!r} is not an IANA time zone") from None


def in_utc(
    local: Ints, series: Ints, empty: Mask, choices: Choices, *, plant_zone: str, labels_end: bool,
    zero: Mask | None = None,
) -> UtcTimes:  # fmt: skip
    """UTC of wall-clock times; raises NotProved if the zone is neither given nor proved by a clock change.

    `series` tells apart the meters whose rows are mixed, `empty` the rows without a value, `zero` those with nothing
    but zeros: if the zone was chosen, such rows only fill an hour that does not exist. A label at the end of its
    interval belongs to the moment before it.
    """
    zone = zone_named(choices.zone or plant_zone)
    dated = local != NONE
    moment, never = local, missing(local, zone)
    if labels_end:
        never &= ~_missing_before(local, zone, never)
        moment = _disambiguated_by(local, series, zone, dated)
    twice = _doubled(moment, zone)
    twice, never = twice & dated, never & dated
    back, forward = _changes(local[dated], zone)
    repeated = _occurrence(local, series, twice)
    filled = np.zeros_like(never) if zero is None else never & zero & ~empty
    if choices.zone is None:
        if filled.any() and (filled | empty)[never].all():
            at = pd.Timestamp(int(local[filled][0]), unit="ms")
            raise NotProved(
                "zone",
                f"{at:%Y-%m-%d %H:%M} does not exist in {zone}, and its value is 0: the row only completes the day "
                "there, or the times are in another zone, such as UTC",
                str(zone),
            )
        why = _proof(zone, back=back, forward=forward, doubled=bool((repeated > 0).any()), missing=not never.any(),
                     empty=bool(never.any() and empty[never].all()))  # fmt: skip
    else:
        empty, why = empty | filled, "as given"
    findings = [FileFinding("zone", str(zone), why)]
    if filled.any() and choices.zone is not None:
        why = "rows of an hour that does not exist are 0: they only complete the day, and are left out"
        findings.append(FileFinding("never", str(int(filled.sum())), why))
    if (never & ~empty).any():
        at = pd.Timestamp(int(local[never & ~empty][0]), unit="ms")
        raise NotProved(
            "zone",
            f"{at:%Y-%m-%d %H:%M} does not exist in {zone}, but has a value: the times are in another zone",
            "UTC",
        )
    if twice.any() and not (repeated > 0).any():
        at = pd.Timestamp(int(local[twice][0]), unit="ms")
        findings.append(
            FileFinding(
                "doubled hour",
                None,
                f"the hour of {at:%Y-%m-%d %H:%M} occurred twice and is in the file once: it is taken as the first, "
                "and the second is unknown",
            )
        )
    ms = np.where(dated, utc_of(moment, zone, second=repeated > 0) + (local - moment), NONE)
    return UtcTimes(ms, tuple(findings), never & empty)


def _disambiguated_by(local: Ints, series: Ints, zone: ZoneInfo, usable: Mask) -> Ints:
    """The times by which the two hours can be told apart if labels are ends: 02:00 is repeated, or 03:00 is.

    The end of the first repeated hour is 02:00 by the new time, or 03:00 by the old one, depending on who wrote the
    file. In the latter case, the moment before a label is what is repeated.
    """
    before = _before(local)
    direct, moved = (
        int((_occurrence(local, series, usable & _doubled(moment, zone) & ~_doubled(other, zone)) > 0).sum())
        for moment, other in ((local, before), (before, local))
    )
    return before if moved > direct else local


def _before(local: Ints) -> Ints:
    """The moments just before; NONE for NONE."""
    return np.where(local == NONE, NONE, local - 1)


def _missing_before(local: Ints, zone: ZoneInfo, never: Mask) -> Mask:
    """Labels such as 02:00 in spring: the end of the last interval before the change."""
    return never & ~missing(_before(local), zone)


def _proof(zone: ZoneInfo, *, back: bool, forward: bool, doubled: bool, missing: bool, empty: bool) -> str:
    if doubled:
        return f"the hour that occurs twice in {zone} is in the file twice"
    if forward and (missing or empty):
        return f"the hour that does not exist in {zone} is not in the file"
    if forward:
        raise NotProved("zone", f"some times do not exist in {zone}: they are in another zone", "UTC")
    if back:
        raise NotProved(
            "zone",
            f"the hour that occurs twice in {zone} is in the file once: the times are in UTC, or an hour is missing",
            "UTC",
        )
    raise NotProved("zone", f"the times have no zone, and no clock change of {zone} is among them", str(zone))


def _changes(local: Ints, zone: ZoneInfo) -> tuple[bool, bool]:
    """Whether a record includes a night in which clocks were set back, or forward."""
    if len(local) == 0:
        return False, False
    back = forward = False
    first, last = int(local.min()), int(local.max())
    for day in np.unique(local // DAY_MS).tolist():
        if first <= day * DAY_MS + _HOUR and last >= day * DAY_MS + 4 * _HOUR:
            change = _offset(zone, day * DAY_MS + DAY_MS) - _offset(zone, day * DAY_MS)
            back, forward = back or change < 0, forward or change > 0
    return back, forward


def offset_seconds(zone: ZoneInfo, utc_ms: int) -> float:
    """How far a zone's clocks are ahead of UTC at a time."""
    offset = pd.Timestamp(utc_ms, unit="ms", tz="UTC").to_pydatetime().astimezone(zone).utcoffset()
    return 0.0 if offset is None else offset.total_seconds()


def _offset(zone: ZoneInfo, local_ms: int) -> float:
    at = pd.Timestamp(local_ms, unit="ms").to_pydatetime().replace(tzinfo=zone)
    offset = at.utcoffset()
    return 0.0 if offset is None else offset.total_seconds()


def _index(local: Ints) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(np.where(local == NONE, 0, local).astype("datetime64[ms]"))


def utc_of(local: Ints, zone: ZoneInfo, *, second: Mask) -> Ints:
    unique, codes = np.unique(np.where(local == NONE, 0, local) * 2 + second, return_inverse=True)
    index = pd.DatetimeIndex((unique // 2).astype("datetime64[ms]"))
    moved = index.tz_localize(zone, ambiguous=unique % 2 == 0, nonexistent="shift_forward").tz_convert("UTC")
    utc = moved.tz_localize(None).to_numpy().astype("datetime64[ms]").astype(np.int64)
    return np.asarray(utc[codes], dtype=np.int64)


def _doubled(local: Ints, zone: ZoneInfo) -> Mask:
    unique, codes = np.unique(np.where(local == NONE, 0, local), return_inverse=True)
    index = _index(unique)
    both = [
        index.tz_localize(zone, ambiguous=np.full(len(index), summer), nonexistent="NaT").tz_convert("UTC")
        for summer in (True, False)
    ]
    different = np.asarray(both[0] != both[1]) & ~np.asarray(both[0].isna())
    return np.asarray(different[codes], dtype=np.bool_)


def missing(local: Ints, zone: ZoneInfo) -> Mask:
    """Whether each time is one that the clocks of a zone never show."""
    unique, codes = np.unique(np.where(local == NONE, 0, local), return_inverse=True)
    index = _index(unique)
    localized = index.tz_localize(zone, ambiguous=np.full(len(index), True), nonexistent="NaT")
    return np.asarray(localized.isna()[codes], dtype=np.bool_)


def _occurrence(local: Ints, series: Ints, twice: Mask) -> Ints:
    """0 for the first time that a repeated label occurs in its series, 1 for the second."""
    occurrence = np.zeros(len(local), dtype=np.int64)
    rows = np.flatnonzero(twice)
    if len(rows):
        table = pd.DataFrame({"local": local[rows], "series": series[rows]})
        occurrence[rows] = table.groupby(["local", "series"]).cumcount().to_numpy()
    return occurrence
