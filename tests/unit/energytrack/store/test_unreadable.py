"""Documents that a newer release wrote, counted once each."""

from energytrack.store.unreadable import NAMED, UnreadableDocuments


def test_each_counts_once_also_where_there_are_more_than_are_named() -> None:
    """A list is read again and again."""
    documents = [{"_id": str(number)} for number in range(NAMED + 5)]
    unreadable = UnreadableDocuments()
    for _ in range(3):
        assert list(unreadable.passed_over("events", documents, lambda document: document["kind"])) == []
    assert unreadable.counts() == {"events": NAMED + 5}
