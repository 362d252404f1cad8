from datetime import timedelta

from energytrack.ledger.sums import EnergySums
from energytrack.ledger.words import coverage, seconds_by_basis
from testkit import dates

HOUR = 3600.0


def test_how_today_is_known() -> None:
    """What nothing tells of is unknown, and what is next to nothing is left out."""
    assert coverage(seconds_by_basis(EnergySums(measured_seconds=HOUR), HOUR)) == "100 % measured today"
    assert coverage(seconds_by_basis(EnergySums(measured_seconds=HOUR - 0.5), HOUR)) == "100 % measured today"
    assert (
        coverage(seconds_by_basis(EnergySums(measured_seconds=HOUR / 2), HOUR))
        == "50.0 % measured, 50.0 % unknown today"
    )
    mixed = EnergySums(bridged_seconds=HOUR / 4, estimated_seconds=HOUR / 4, unknown_seconds=HOUR / 2)
    assert coverage(seconds_by_basis(mixed, HOUR)) == "25.0 % bridged, 25.0 % estimated, 50.0 % unknown today"


def test_a_machine_that_is_new_today_is_known_since_then() -> None:
    since = (dates.at_plant("mon", "14:05") + timedelta(seconds=20)).astimezone(dates.PLANT_ZONE)
    assert (
        coverage(seconds_by_basis(EnergySums(measured_seconds=60.0), 60.0), since=since) == "100 % measured since 14:05"
    )


def test_a_day_of_which_nothing_is_counted_yet() -> None:
    assert coverage(seconds_by_basis(EnergySums(), 0.0)) == "nothing counted yet today"
