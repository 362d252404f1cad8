"""Sums of a machine's days and months, for queries over months and years. Pure."""

from datetime import date
from typing import NamedTuple

from energytrack.ledger.sums import EnergySums
from energytrack.plant import Place


class DaySums(NamedTuple):
    """A day of one machine."""

    device_id: str
    date: date
    place: Place
    """The machine's line and type."""
    sums: EnergySums


class MonthSums(NamedTuple):
    """A month of one machine on one line; a machine that was moved has two."""

    device_id: str
    year: int
    month: int
    place: Place
    sums: EnergySums
