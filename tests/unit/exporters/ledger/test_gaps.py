"""Time of which nothing is known, in the periods of machines."""

from energytrack.ledger.presence import Presence
from energytrack.ledger.sums import EnergySums
from energytrack.plant import Place
from exporters.ledger.gaps import EARLIEST, with_gaps
from testkit.builders.ledger import DAY

HOUR = 3600.0
HERE, THERE = Place("cnc", "line-a"), Place("cnc", "line-b")
START = EARLIEST + 1000 * HOUR
SPANS = {DAY: (START, START + 24 * HOUR)}


def gaps(*found: tuple[str, Place, EnergySums], **presences: Presence) -> dict[tuple[str, Place], float]:
    """Unknown hours by machine and place."""
    rows = [(device, place, DAY, sums) for device, place, sums in found]
    filled = with_gaps(rows, SPANS, presences, lambda _: THERE)
    return {(device, place): sums.unknown_seconds / HOUR for device, place, _, sums in filled}


def test_time_since_the_last_reading_is_unknown() -> None:
    """The ledger has only what was known when it counted."""
    sums = EnergySums(measured_seconds=6 * HOUR, unknown_seconds=1 * HOUR)
    assert gaps(("m", HERE, sums), m=Presence(START, START + 10 * HOUR)) == {("m", HERE): 4.0}


def test_a_machine_that_was_moved_shares_it_among_its_places() -> None:
    """In the proportion of the time that is known there."""
    found = (("m", HERE, EnergySums(measured_seconds=2 * HOUR)), ("m", THERE, EnergySums(measured_seconds=6 * HOUR)))
    assert gaps(*found, m=Presence(START, START + 12 * HOUR)) == {("m", HERE): 1.0, ("m", THERE): 3.0}


def test_a_silent_period_is_unknown_as_a_whole() -> None:
    """Where the machine stands now; but for a machine of which nobody knows since when it is there."""
    assert gaps(m=Presence(START, START + 48 * HOUR), old=Presence()) == {("m", THERE): 24.0}
