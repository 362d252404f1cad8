from energytrack.production.spans import by_quarter, common, seconds, union, without


def test_overlaps_count_once() -> None:
    assert union([(5.0, 9.0), (0.0, 3.0), (2.0, 4.0), (4.0, 5.0), (20.0, 20.0)]) == ((0.0, 9.0),)
    assert seconds([(0.0, 3.0), (5.0, 6.0)]) == 4.0


def test_what_lies_in_both_and_in_one_only() -> None:
    some, others = ((0.0, 10.0), (20.0, 30.0)), ((5.0, 22.0), (25.0, 26.0))
    assert common(some, others) == ((5.0, 10.0), (20.0, 22.0), (25.0, 26.0))
    assert without(some, others) == ((0.0, 5.0), (22.0, 25.0), (26.0, 30.0))
    assert without(some, [(-5.0, 50.0)]) == ()


def test_time_by_quarter_hour() -> None:
    assert by_quarter([(-100.0, 450.0), (800.0, 1900.0), (9e9, 9e9 + 1)], 0.0, 2) == [550.0, 900.0]
