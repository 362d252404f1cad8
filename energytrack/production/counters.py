"""A machine's counters and state as last read, from which the count of its production continues."""

from typing import Final

from msgspec import Struct

from energytrack.ledger.parts import PartsCounter
from energytrack.production.spells import StateMark


class Counters(Struct, frozen=True, gc=False):
    """The state of a machine's production that the next reading needs; None for what it never reported."""

    parts: PartsCounter | None = None
    scrap: PartsCounter | None = None
    """The counter of the rejected ones among the parts."""
    state: StateMark | None = None


NOTHING_READ: Final = Counters()
