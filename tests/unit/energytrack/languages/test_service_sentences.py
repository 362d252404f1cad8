"""Sentences of services in another language."""

import re
from datetime import UTC

import pytest

from energytrack.fields import StopTime
from energytrack.languages.service_sentences import expression, translated
from energytrack.languages.words import words_of
from energytrack.messages import StopOption
from energytrack.plant.file import Language
from energytrack.production.rules import REASONS
from energytrack.stopping.words import advice
from testkit.dates import at_plant
from testkit.exporters.devices import PLANT


def test_english_and_what_nobody_knows_stay_as_they_are() -> None:
    assert translated("cnc-0001 has failed", words_of("en")) == "cnc-0001 has failed"
    assert translated("Something else. And more.", words_of("de")) == "Something else. And more."


def test_an_alarm_is_said_in_german_with_its_value() -> None:
    sentence = "cnc-0001 is too hot: 5.0 °C above the limit of its type"
    assert (
        translated(sentence, words_of("de"))
        == "cnc-0001 ist zu heiß: 5,0 °C darüber (gegenüber dem Grenzwert ihres Typs)"
    )


def test_a_gap_does_not_reach_into_the_next_sentence() -> None:
    pattern = re.compile(expression("{job} does not answer"))
    assert pattern.fullmatch("historian does not answer")
    assert not pattern.fullmatch("It is away. historian does not answer")


def test_numbers_are_written_as_in_the_language_and_names_stay() -> None:
    assert translated("cnc-1.5 is at risk of failing: 62.5 %", words_of("de")).endswith("62,5 %")
    assert translated("cnc-1.5 is at risk of failing: 62.5 %", words_of("de")).startswith("cnc-1.5 ")
    assert "1.234,5 bar" in translated("pressure rising 1,234.5 bar in 2.5 h", words_of("de"))


def test_each_of_several_sensors_is_named_in_the_language() -> None:
    sentence = "The sensors temperature, pressure and current are lost: Check the cable and replace it if need be."
    assert "Temperatur, Druck und Strom" in translated(sentence, words_of("de"))


def test_what_a_failure_resembles_is_said_with_each_mode_and_component() -> None:
    sentence = "Like earlier failures: bearing wear (45 %) or seal leak (30 %) or tool wear (12 %)."
    german = translated(f"{sentence} Inspect first: spindle (80 %).", words_of("de"))
    modes = [translated(mode, words_of("de")) for mode in ("bearing wear", "seal leak", "tool wear")]
    like = f"Wie bei früheren Ausfällen: {modes[0]} (45 %) oder {modes[1]} (30 %) oder {modes[2]} (12 %)."
    assert german == f"{like} Zuerst prüfen: spindle (80 %)."


def test_what_an_alarm_says_of_a_machine_at_risk_is_said_in_the_language() -> None:
    life = "It has at least 13 min, at most 2 days 21 h (8 of 10 in such a state)."
    stop = "Cheapest time to stop it: when the spare part arrives, if it is ordered now (1,210 EUR expected)."
    assert translated(f"Main reasons: temperature, other signals. {life} {stop}", words_of("de")) == (
        "Hauptgründe: Temperatur, andere Signale. "
        "Sie hält noch mindestens 13 min, höchstens 2 Tage 21 h (8 von 10 in diesem Zustand). "
        "Günstigster Zeitpunkt zum Anhalten: wenn das Ersatzteil eintrifft, falls es jetzt bestellt wird "
        "(1.210 EUR zu erwarten)."
    )


@pytest.mark.parametrize("best", ["now", "break", "run_on"])
def test_the_cheapest_time_to_stop_is_said_in_the_language(best: StopTime) -> None:
    running_on = StopOption("run_on", 2740.0)
    at = None if best == "run_on" else at_plant("mon", "12:00")
    options = [running_on] if best == "run_on" else [StopOption(best, 950.0, at), running_on]
    german = translated(advice(options, UTC, "EUR"), words_of("de"))
    assert ("Weiterlaufen" in german, "expected" in german) == (True, False)


@pytest.mark.parametrize("language", ["de", "es", "fr", "pl"])
def test_types_and_reasons_that_are_shipped_are_known(language: Language) -> None:
    """Others stay as the plant file calls them."""
    shipped = [*(name.replace("_", " ") for name in PLANT.types), *(reason.text for reason in REASONS)]
    assert [each for each in shipped if translated(each, words_of(language)) == each] == []
    assert translated("glue robot", words_of(language)) == "glue robot"
