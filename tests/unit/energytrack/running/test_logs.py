"""The log says what changed, and does not say it again and again."""

import logging

import pytest

from energytrack.running.logs import REPEAT_SECONDS, Repeats, configure_logging


class MovedTimer:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def a_record(logger: str, sentence: str, *about: object) -> logging.LogRecord:
    return logging.LogRecord(logger, logging.WARNING, "", 0, sentence, about, None)


def test_a_chatty_library_says_a_sentence_once() -> None:
    """Whatever the sentence is about; after some minutes it may say it again."""
    stopwatch = MovedTimer()
    repeats = Repeats(stopwatch)
    assert repeats.filter(a_record("kafka.net", "Connection to %s failed", "a:9092"))
    assert not repeats.filter(a_record("kafka.net", "Connection to %s failed", "b:9092"))
    assert repeats.filter(a_record("kafka.net", "Request timed out"))
    stopwatch.now = REPEAT_SECONDS
    assert repeats.filter(a_record("kafka.net", "Connection to %s failed", "a:9092"))


def test_our_own_words_all_count() -> None:
    """Whoever logs twice has two things to say."""
    repeats = Repeats(MovedTimer())
    assert repeats.filter(a_record("historian.filing", "stored"))
    assert repeats.filter(a_record("historian.filing", "stored"))


def test_a_busy_machine_does_not_fill_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    """The client says of each slow turn of its loop that it was slow; real trouble is still logged."""
    configure_logging(level="info", log_format="json", service="historian")
    logging.getLogger("kafka.net.selector").warning("Task %r ran for %.3fs", "send", 0.2)
    logging.getLogger("kafka.net.selector").error("lost")
    printed = capsys.readouterr().err
    assert "ran for" not in printed
    assert '"lost"' in printed
