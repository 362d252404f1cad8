"""What a baseline may be about, and its default name. Pure."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Final

from energytrack.baselines.reading import Boundary

LONGEST: Final = timedelta(days=3 * 366)
MOST_VARIABLES: Final = 12


def name_of(boundary: Boundary) -> str:
    """The default name of a baseline."""
    about = boundary.device_id or boundary.line or (boundary.device_type or "the plant").replace("_", " ")
    return f"{about} out of shift" if boundary.hours == "off_shift" else about


def complaint(boundary: Boundary, first: date, last: date, variables: Sequence[str], today: date) -> str | None:
    """Why such a baseline is not possible, in a sentence; None if it is."""
    return next(_complaints(boundary, first, last, variables, today), None)


def _complaints(boundary: Boundary, first: date, last: date, variables: Sequence[str], today: date) -> Iterator[str]:
    if sum(each is not None for each in (boundary.device_id, boundary.line, boundary.device_type)) > 1:
        yield "Name one of device_id, line and device_type, or none for the whole plant."
    if first > last:
        yield f"from ({first}) is after to ({last})."
    if last - first > LONGEST:
        yield "A baseline period has at most three years: older data says little about today."
    if last >= today:
        yield f"to ({last}) must be a day that is over; today is {today}."
    if len(variables) > MOST_VARIABLES:
        yield f"Offer at most {MOST_VARIABLES} variables."
    if len(set(variables)) < len(variables):
        yield "A variable is named twice."
