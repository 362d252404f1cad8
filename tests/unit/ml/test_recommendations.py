import numpy as np
import pytest

from ml.recommendations import INSPECT, SHUTDOWN, Book, Situation, catalogue

MINUTE = 60_000


def situation(*, device: list[int], minute: list[float], probability: list[float], idle: list[float]) -> Situation:
    return Situation(
        device=np.array(device),
        at_ms=(np.array(minute) * MINUTE).astype(np.int64),
        probability=np.array(probability),
        threshold=0.5,
        idle_minutes=np.array(idle),
    )


def codes(book: Book, **columns: list[float]) -> list[list[str]]:
    """What is open at each reading, by code."""
    length = max(len(column) for column in columns.values())
    nothing = [0.0] * length
    found = book.turn(
        situation(
            device=[int(device) for device in columns.get("device", nothing)],
            minute=columns.get("minute", nothing),
            probability=columns.get("probability", nothing),
            idle=columns.get("idle", nothing),
        )
    )
    return [[recommendation.code for recommendation in each] for each in found]


def test_the_two_sentences_of_the_mission() -> None:
    """Word for word."""
    texts = {advice.code: advice.text for advice in catalogue()}
    assert texts[INSPECT] == "High failure risk: Inspect machine within 24 hours."
    assert texts[SHUTDOWN] == "High idle energy usage: Consider scheduled shutdown."


def test_codes_are_unique_and_texts_are_sentences() -> None:
    """Whatever the catalogue grows to."""
    entries = catalogue()
    assert len({advice.code for advice in entries}) == len(entries)
    for advice in entries:
        assert advice.text.endswith(".")
        assert ": " in advice.text
        assert advice.rule.clear_at <= advice.rule.raise_at


def test_risk_opens_an_inspection_and_closes_it_well_below_the_threshold() -> None:
    """The state is told with each reading, and changes with hysteresis."""
    found = codes(
        Book(catalogue()),
        minute=[0, 1, 2, 3, 4],
        probability=[0.5, 0.6, 0.4, 0.31, 0.29],
    )
    assert found == [[], [INSPECT], [INSPECT], [INSPECT], []]


def test_idling_opens_a_shutdown_until_there_is_work() -> None:
    """After a quarter of an hour, unless set otherwise."""
    book = Book(catalogue(idle_minutes=15))
    assert codes(book, minute=[14, 15, 16, 17], idle=[14, 15, 16, 0]) == [[], [SHUTDOWN], [SHUTDOWN], []]


def test_both_can_be_open() -> None:
    """In the order of the catalogue."""
    found = codes(Book(catalogue()), minute=[20, 21], probability=[0.9, 0.9], idle=[20, 21])
    assert found[-1] == [INSPECT, SHUTDOWN]


def test_machines_keep_their_own_states_across_batches() -> None:
    """One machine's alarm says nothing of another."""
    book = Book(catalogue())
    codes(book, device=[0, 0], minute=[0, 1], probability=[0.9, 0.9])
    assert codes(book, device=[1, 0, 2], minute=[2, 2, 2], probability=[0.1, 0.4, 0.4]) == [[], [INSPECT], []]


@pytest.mark.parametrize("probability", [float("nan"), 0.0])
def test_a_machine_that_failed_or_calmed_down_has_no_open_risk(probability: float) -> None:
    """What is not known closes too."""
    book = Book(catalogue())
    codes(book, minute=[0, 1], probability=[0.9, 0.9])
    assert codes(book, minute=[2], probability=[probability]) == [[]]


def test_a_machine_that_went_elsewhere_is_forgotten() -> None:
    """Its row may soon be another machine's."""
    book = Book(catalogue())
    codes(book, minute=[0, 1], probability=[0.9, 0.9])
    book.forget(np.array([0]))
    assert codes(book, minute=[2], probability=[0.4]) == [[]]
