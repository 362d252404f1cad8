"""Decides which month's report is due. Pure."""

from datetime import datetime, time, timedelta
from typing import Final

from energytrack.bill.load import Month

LATE: Final = timedelta(days=3)
"""A report that is later than this, because no service was running, is not sent: people ask for it themselves."""


def due_month(local: datetime, *, day: int, at: time) -> Month | None:
    """The month whose report should be sent at an aware local time; None if none is due."""
    due = datetime.combine(local.date().replace(day=day), at, local.tzinfo)
    return Month.before(local) if due <= local <= due + LATE else None
