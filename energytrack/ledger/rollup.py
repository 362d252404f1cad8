"""Sums of a machine's days and months: what questions over months and years are answered from. Pure."""

from datetime import date
from typing import NamedTuple

from energytrack.ledger.sums import EnergySums
from energytrack.plant import Place


class DaySums(NamedTuple):
    """A day of one machine."""

    device_id: str
    date: date
    place: Place
    """Where the machine stood."""
    sums: EnergySums


class MonthSums(NamedTuple):
    """A month of one machine on one place; a machine that was moved has two."""

    device_id: str
    year: int
    month: int
    place: Place
    sums: EnergySums
