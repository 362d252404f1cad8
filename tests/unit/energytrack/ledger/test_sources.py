import pytest

from energytrack.ledger.sources import PARTS_SOURCES, sources_of
from energytrack.ledger.sums import EnergySums
from energytrack.production.oee import Amounts


@pytest.mark.parametrize("kind", [EnergySums, Amounts])
def test_those_that_reported_something_are_named_in_their_order(kind: type[EnergySums | Amounts]) -> None:
    names = ("counter_parts_seconds", "event_parts_seconds", "file_parts_seconds", "estimated_parts_seconds")
    assert sources_of(kind(estimated_parts_seconds=900.0, counter_parts_seconds=1.0)) == ("counter", "current")
    assert sources_of(kind(**dict.fromkeys(names, 1.0))) == PARTS_SOURCES
    assert sources_of(kind()) == ()
