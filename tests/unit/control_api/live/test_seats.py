"""Live connections of each caller."""

import pytest

from control_api.live.seats import Seat, Seats


def test_each_caller_has_so_many_and_others_have_theirs() -> None:
    seats = Seats(2, list)
    mine, second, third, another = Seat(), Seat(), Seat(), Seat()
    with seats.occupied(mine), seats.occupied(third), seats.occupied(another):
        with seats.occupied(second):
            assert seats.claim(mine, "grafana:maria")
            assert seats.claim(second, "grafana:maria")
            assert not seats.claim(third, "grafana:maria")
            assert seats.claim(another, "grafana:victor")
        assert seats.claim(third, "grafana:maria"), "a connection that ended makes room"


def test_a_seat_that_polls_and_is_being_served_counts_once() -> None:
    polling = [Seat("token:wall")]
    seats = Seats(2, lambda: polling)
    with seats.occupied(polling[0]):
        assert seats.claim(Seat(), "token:wall")


def test_whoever_shows_another_token_after_the_upgrade_takes_that_ones_seat() -> None:
    seats = Seats(1, list)
    seat = Seat()
    with seats.occupied(seat):
        assert seats.claim(seat, "grafana:maria")
        assert seats.claim(seat, "token:wall")
        assert not seats.claim(Seat(), "token:wall")
        assert seats.claim(Seat(), "grafana:maria")


def test_the_end_of_a_websocket_passes() -> None:
    """gunicorn ends it by StopIteration, which a generator would turn into an error."""
    seats = Seats(1, list)
    with pytest.raises(StopIteration), seats.occupied(Seat()):
        raise StopIteration
