"""Times from machines and gateways: ISO 8601, or a count since 1970 in any of four units. Pure."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from energytrack.decoding.values import NUMBER, quoted
from energytrack.errors import MalformedMessage

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
UNITS: Final = ((1e11, 1_000_000), (1e14, 1000), (1e17, 1), (1e20, 0.001))
"""Counts below the first number are in the unit of this many microseconds: the ranges of plausible years are a thousand
times apart, so that a count tells its unit."""
EXPECTED: Final = (
    "expected a time with its zone, such as 2026-11-23T10:00:00Z or 2026-11-23T11:00:00+01:00, "
    "or seconds, milliseconds, microseconds or nanoseconds since 1970"
)
NO_ZONE: Final = (
    "which has no zone, and local time is not guessed: send `Z` or an offset such as +01:00, or give the zone of this "
    'machine in plant.toml: clock_zone = "Europe/Berlin"'
)
_NAMED_UTC: Final = re.compile(r"\s*(UTC|GMT)$")

Local = Callable[[datetime], datetime]
"""From a local time that is marked as UTC to the correct time."""


def time_of(value: object, *, local: Local | None, field: str = "timestamp") -> datetime:
    """The aware time of a value. `local` interprets times without a zone; if it is None, they are refused.

    Raises MalformedMessage.
    """
    if isinstance(value, str) and NUMBER.fullmatch(value.strip()):
        value = float(value) if not value.strip().lstrip("+-").isdigit() else int(value)
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise _bad(f"got {quoted(value)}, {EXPECTED}", field)
    if isinstance(value, str):
        return _written(value, local, field)
    return _counted(value, field)


def _counted(count: float, field: str) -> datetime:
    for below, microseconds in UNITS:
        if abs(count) < below:
            whole = count * microseconds if isinstance(microseconds, int) else count // 1000
            at = EPOCH + timedelta(microseconds=round(whole))
            if not 2000 <= at.year < 2100:
                hint = " (a day count of a spreadsheet?)" if 20_000 <= count < 80_000 else ""
                raise _bad(
                    f"got {quoted(count)}, which is not a time between 2000 and 2100 in any unit{hint}; {EXPECTED}",
                    field,
                )
            return at
    raise _bad(f"got {quoted(count)}, {EXPECTED}", field)


def _written(text: str, local: Local | None, field: str) -> datetime:
    plain = _NAMED_UTC.sub("+00:00", text.strip())
    try:
        at = datetime.fromisoformat(plain)
    except ValueError:
        raise _bad(f"got {quoted(text)}, {EXPECTED}", field) from None
    if len(plain) <= len("2026-11-23"):
        raise _bad(f"got {quoted(text)}, a day without a time; {EXPECTED}", field)
    if at.tzinfo is not None:
        return at
    if local is None:
        raise _bad(f"got {quoted(text)}, {NO_ZONE}", field)
    return local(at.replace(tzinfo=UTC))


def _bad(problem: str, field: str) -> MalformedMessage:
    return MalformedMessage("bad_timestamp", f"{problem} - at `$.{field}`")
