"""A machine's counters and its state as they were last read: from where counting its production continues."""

from typing import Final

from msgspec import Struct

from energytrack.ledger.parts import PartsCounter
from energytrack.production.spells import StateMark


class Counters(Struct, frozen=True, gc=False):
    """What of a machine's production has to be known to count the next reading; None where it never reported."""

    parts: PartsCounter | None = None
    scrap: PartsCounter | None = None
    """Of the rejected ones among the parts."""
    state: StateMark | None = None


NOTHING_READ: Final = Counters()
