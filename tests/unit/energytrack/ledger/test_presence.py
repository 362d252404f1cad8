from datetime import UTC, datetime, timedelta

import pytest

from energytrack.ledger.presence import QUIET_SECONDS, Presence, ReadingSpan, presence, presences, shares_of

NOW = datetime.fromtimestamp(100_000, UTC)


def test_a_machine_is_there_from_its_first_reading_to_its_last() -> None:
    found = presence(ReadingSpan(40_000.0, 99_990.0), retired=None, now=100_000.0)
    assert found == Presence(40_000.0, 99_990.0)
    assert found.seconds(0.0, 90_000.0) == 50_000.0
    assert found.seconds(0.0, 40_000.0) == 0.0


def test_a_machine_that_has_been_quiet_for_a_quarter_hour_is_there_all_the_same() -> None:
    """The gap is real, and shown."""
    assert presence(ReadingSpan(0.0, 100_000 - QUIET_SECONDS - 1), retired=None, now=100_000.0).until == 100_000.0


def test_a_retired_machine_was_there_until_then_unless_it_sent_again() -> None:
    gone = {"old": NOW - timedelta(hours=1), "back": NOW - timedelta(hours=2)}
    heard = {"old": ReadingSpan(0.0, 90_000.0), "back": ReadingSpan(0.0, 99_999.0)}
    found = presences(heard, gone, now=NOW)
    assert (found["old"].until, found["back"].until) == (96_400.0, 99_999.0)


def test_a_machine_of_which_nobody_noted_when_it_began_was_always_there() -> None:
    assert presence(ReadingSpan(None, None), retired=None, now=10.0).seconds(0.0, 20.0) == 10.0


def test_time_without_a_place_is_shared_by_places_that_are_known() -> None:
    assert shares_of(100.0, {"a": 30.0, "b": 10.0}) == {"a": 45.0, "b": 15.0}
    assert shares_of(100.0, {"a": 0.0}) == pytest.approx({"a": 100.0})
    assert shares_of(10.0, {"a": 20.0}) == {"a": 0.0}
