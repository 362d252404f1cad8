"""Lots from a manufacturing execution system: each row has a number of parts, and when they were finished. Pure."""

from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np

from energytrack.events import LONGEST_LOT
from energytrack.importer.choices import FileFinding
from energytrack.importer.content import Floats, Ints, ProducedParts
from energytrack.ledger.finished import Lot, QuarterParts, by_quarter
from energytrack.ledger.local_days import date_at
from energytrack.metering.quarters import QUARTER_SECONDS

LONGEST_MS = LONGEST_LOT.total_seconds() * 1000.0


def parts_of_lots(
    since_ms: Ints, at_ms: Ints, values: Floats, scrap: Floats | None, zone: ZoneInfo
) -> tuple[ProducedParts, tuple[FileFinding, ...]]:
    """The parts of one machine's lots by quarter hour, oldest first; lots at the same time add up.

    A lot is spread evenly from its beginning to its end. Between two lots of the same day, or of successive ones, no
    part was made, as between two events; quarter hours further apart are not known.
    """
    wrong = (values < 0) | (at_ms < since_ms) | (at_ms - since_ms > LONGEST_MS)
    if scrap is not None:
        wrong |= (scrap < 0) | (scrap > values)
    findings: tuple[FileFinding, ...] = ()
    if wrong.any():
        why = "lots with a negative number of parts, more rejected parts than parts, or more than 24 hours are left out"
        findings = (FileFinding("rows", str(int(wrong.sum())), why),)
    good = ~wrong & np.isfinite(values)
    rejected = np.full(len(values), np.nan) if scrap is None else scrap
    lots = sorted(
        (
            Lot(since / 1000.0, at / 1000.0, parts, None if np.isnan(bad) else bad)
            for since, at, parts, bad in zip(
                since_ms[good].tolist(),
                at_ms[good].tolist(),
                values[good].tolist(),
                rejected[good].tolist(),
                strict=True,
            )
        ),
        key=lambda lot: (lot.at, lot.since),
    )
    wanted = {start for lot in lots for start in lot.quarters()}
    known = {start: parts for start, parts in by_quarter(lots, wanted).items() if parts is not None}
    nothing = QuarterParts(0.0, None if scrap is None else 0.0)
    for one, other in pairwise(sorted(known)):
        days = (date_at(other, zone) - date_at(one, zone)).days
        if days <= 1:
            known |= dict.fromkeys(np.arange(one + QUARTER_SECONDS, other, QUARTER_SECONDS).tolist(), nothing)
    starts = sorted(known)
    begin = np.array([round(start * 1000) for start in starts], dtype=np.int64)
    made = np.array([known[start].parts for start in starts], dtype=np.float64)
    bad = [known[start].scrap for start in starts]
    return ProducedParts(
        begin, begin + round(QUARTER_SECONDS * 1000), made,
        None if scrap is None else np.array([np.nan if each is None else each for each in bad], dtype=np.float64),
    ), findings  # fmt: skip
