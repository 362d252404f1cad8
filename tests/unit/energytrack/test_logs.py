"""The log says what changed, and does not say it again and again."""

import logging

from energytrack.logs import REPEAT_SECONDS, Repeats


class Stopwatch:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def a_record(logger: str, sentence: str, *about: object) -> logging.LogRecord:
    return logging.LogRecord(logger, logging.WARNING, "", 0, sentence, about, None)


def test_a_chatty_library_says_a_sentence_once() -> None:
    """Whatever the sentence is about; after some minutes it may say it again."""
    stopwatch = Stopwatch()
    repeats = Repeats(stopwatch)
    assert repeats.filter(a_record("kafka.net", "Connection to %s failed", "a:9092"))
    assert not repeats.filter(a_record("kafka.net", "Connection to %s failed", "b:9092"))
    assert repeats.filter(a_record("kafka.net", "Request timed out"))
    stopwatch.now = REPEAT_SECONDS
    assert repeats.filter(a_record("kafka.net", "Connection to %s failed", "a:9092"))


def test_our_own_words_all_count() -> None:
    """Whoever logs twice has two things to say."""
    repeats = Repeats(Stopwatch())
    assert repeats.filter(a_record("historian.filing", "stored"))
    assert repeats.filter(a_record("historian.filing", "stored"))
