from energytrack.ledger.sources import PARTS_SOURCES, sources_of


def test_sources_are_named_in_the_order_in_which_they_count() -> None:
    """One that told nothing is not named."""
    assert sources_of({"current": 900.0, "events": 0.0, "counter": 1.0}) == ("counter", "current")
    assert sources_of(dict.fromkeys(PARTS_SOURCES, 1.0)) == PARTS_SOURCES
    assert sources_of({}) == ()
