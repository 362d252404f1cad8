"""Sentences of services in another language."""

import re

from energytrack.languages.told import expression, told
from energytrack.languages.words import words_of


def test_english_and_what_nobody_knows_stay_as_they_are() -> None:
    assert told("cnc-0001 has failed", words_of("en")) == "cnc-0001 has failed"
    assert told("Something else. And more.", words_of("de")) == "Something else. And more."


def test_an_alarm_is_said_in_german_with_its_value() -> None:
    sentence = "cnc-0001 is too hot: 5.0 °C above the limit of its type"
    assert told(sentence, words_of("de")) == "cnc-0001 ist zu heiß: 5.0 °C darüber (gegenüber dem Grenzwert ihres Typs)"


def test_a_gap_does_not_reach_into_the_next_sentence() -> None:
    pattern = re.compile(expression("{job} does not answer"))
    assert pattern.fullmatch("historian does not answer")
    assert not pattern.fullmatch("It is away. historian does not answer")
