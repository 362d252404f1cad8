"""How long the centre has lacked what the plant had: per partition, over outages, restarts and deleted messages."""

from centre.mirroring import Mirroring

A, B = ("factory-sensor-data", 0), ("factory-sensor-data", 1)


def test_a_centre_that_has_everything_lags_by_nothing() -> None:
    assert Mirroring().lag({A: 100.0}, {A: 100.0}, now=200.0) == 0
    assert Mirroring().lag({}, {}, now=200.0) == 0


def test_a_message_under_way_is_no_lag_once_it_has_arrived_though_newer_ones_are_under_way() -> None:
    mirroring = Mirroring()
    mirroring.lag({A: 100.0}, {A: 100.0}, now=100.0)
    lags = [mirroring.lag({A: now - 0.1}, {A: now - 5.0}, now=now) for now in (115.0, 130.0, 145.0)]
    assert lags == [0.0, 0.0, 0.0]


def test_what_does_not_arrive_waits_since_it_was_first_missing() -> None:
    mirroring = Mirroring()
    mirroring.lag({A: 100.0}, {A: 100.0}, now=100.0)
    assert [mirroring.lag({A: now}, {A: 100.0}, now=now) for now in (115.0, 130.0, 715.0)] == [0.0, 15.0, 600.0]
    assert mirroring.lag({A: 730.0}, {A: 730.0}, now=730.0) == 0


def test_a_failed_task_shows_though_the_other_partitions_arrive() -> None:
    mirroring = Mirroring()
    mirroring.lag({A: 100.0, B: 100.0}, {A: 100.0, B: 100.0}, now=100.0)
    for now in (115.0, 715.0):
        lag = mirroring.lag({A: now, B: now}, {A: now, B: 100.0}, now=now)
    assert lag == 600.0


def test_a_centre_that_does_not_answer_lacks_what_came_since() -> None:
    mirroring = Mirroring()
    mirroring.lag({A: 100.0}, {A: 100.0}, now=100.0)
    assert mirroring.lag({A: 100.0}, {}, now=700.0) == 0  # nothing has come since, so nothing is missing
    assert [mirroring.lag({A: now}, {}, now=now) for now in (715.0, 1315.0)] == [0.0, 600.0]


def test_a_restarted_watch_knows_by_the_centres_newest_how_long_it_has_waited() -> None:
    assert Mirroring().lag({A: 5000.0}, {A: 1000.0}, now=5000.0) == 4000.0


def test_an_old_message_that_only_the_plant_still_keeps_is_not_missing() -> None:
    """Events are kept for 30 days at a plant, and for three at the centre."""
    mirroring = Mirroring()
    assert mirroring.lag({A: 100.0}, {}, now=500_000.0) == 0
    assert mirroring.lag({A: 100.0}, {}, now=500_015.0) == 0
    mirroring = Mirroring()
    mirroring.lag({A: 100.0}, {A: 100.0}, now=100.0)
    assert mirroring.lag({A: 100.0}, {}, now=500_000.0) == 0


def test_a_message_that_the_plant_no_longer_keeps_is_awaited_no_more() -> None:
    """After three days a reading is deleted; nothing brings it to the centre any more."""
    mirroring = Mirroring()
    mirroring.lag({A: 100.0, B: 100.0}, {A: 100.0, B: 100.0}, now=100.0)
    assert [mirroring.lag({A: 115.0, B: 115.0}, {}, now=now) for now in (115.0, 200_000.0)] == [0.0, 199_885.0]
    assert mirroring.lag({A: 300_000.0}, {A: 300_000.0}, now=300_000.0) == 0


def test_a_mirror_that_never_copies_anything_is_seen_by_what_comes_next() -> None:
    mirroring = Mirroring()
    mirroring.lag({A: 100.0}, {}, now=100.0)
    assert [mirroring.lag({A: now}, {}, now=now) for now in (115.0, 715.0)] == [0.0, 600.0]


def test_a_clock_set_back_makes_no_lag_below_zero() -> None:
    mirroring = Mirroring()
    mirroring.lag({A: 100.0}, {A: 100.0}, now=100.0)
    mirroring.lag({A: 115.0}, {A: 100.0}, now=115.0)
    assert mirroring.lag({A: 115.0}, {A: 100.0}, now=90.0) == 0
