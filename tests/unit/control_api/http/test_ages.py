"""The age of a response."""

from flask import Flask

from control_api.http.ages import note_age, noted_age


def test_a_response_is_as_old_as_the_oldest_that_it_is_made_of() -> None:
    with Flask(__name__).test_request_context():
        assert noted_age() is None
        for seconds in (3.0, 41.0, 7.0):
            note_age(seconds)
        assert noted_age() == 41.0


def test_outside_a_request_nothing_is_noted() -> None:
    """Schedules and live pages read machines, too."""
    note_age(41.0)
    with Flask(__name__).test_request_context():
        assert noted_age() is None
