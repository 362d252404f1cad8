import re

import pytest

from energytrack.languages.service_sentences import translated
from energytrack.languages.words import words_of
from ml.scoring.wording import duration_in_words, wordings
from testkit.builders.recordings import a_spec

NAN = float("nan")
SPEC = a_spec(windows=(5, 15, 60), signals=("temperature", "pressure", "vibration"))


@pytest.mark.parametrize(
    ("feature", "value", "text"),
    [
        ("temperature", 78.26, "temperature 78.3 °C"),
        ("temperature_rise_15m", 4.1, "temperature rising 4.1 °C in 15 min"),
        ("pressure_rise_1h", -0.44, "pressure falling 0.44 bar in 1 h"),
        ("pressure_rise_1h", 0.04, "pressure steady over 1 h"),
        ("vibration_deviation_5m", 2.0, "vibration fluctuating by 2.0 over 5 min"),
        ("vibration_mean_15m", NAN, "vibration not known"),
        ("temperature_shift", 4.23, "temperature higher than the other signals suggest (4.2 standard deviations)"),
        ("unusual", 16.0, "signals 4.0 times as far from normal as usual"),
        ("largest_shift", NAN, "usual range not known yet"),
        ("codes_24h", 3.0, "3 warning codes in 24 h"),
        ("codes_1h", 1.0, "1 warning code in 1 h"),
        ("codes_1h", 0.0, ""),
        ("codes_since_repair_6h", 1.0, "1 warning code in 6 h since the last repair"),
        ("codes_since_repair_72h", 2.0, "2 warning codes in 3 days since the last repair"),
        ("codes_since_repair_6h", 0.0, ""),
        ("code_hot_24h", 2.0, "warning code hot twice in 24 h"),
        ("code_hot_24h", 0.0, ""),
        ("hours_since_code", 1.5, "last warning code 1 h 30 min ago"),
        ("hours_since_maintenance_bearing", 300.0, "last work on bearing 12 days ago"),
        ("hours_since_maintenance_bearing", NAN, "no work on bearing on record"),
        ("age_years", 7.5, "machine is 7.5 years old"),
        ("type_press", 0.0, ""),
        ("type_press", 1.0, "machine is of type press"),
    ],
)
def test_a_value_in_words(feature: str, value: float, text: str) -> None:
    """What speaks for nothing is not said."""
    assert wordings(SPEC)[feature].say(value) == text


@pytest.mark.parametrize("reference", [0, 6])
def test_every_feature_has_words_of_its_own(reference: int) -> None:
    """None falls back on its name in the code."""
    spec = a_spec(reference_blocks=reference)
    said = wordings(spec)
    assert tuple(said) == spec.names
    plain = [name for name in spec.names if said[name].say(7.0) == f"{name.replace('_', ' ')} is 7.0"]
    assert plain == []


@pytest.mark.parametrize("value", [NAN, 0.0, 1.0, 2.0, 3.4, -3.4])
@pytest.mark.parametrize("reference", [0, 6])
def test_all_that_is_said_is_known_in_other_languages(reference: int, value: float) -> None:
    """A phrase that energytrack/languages/service_sentences.py does not list stays English on a German page."""
    spec = a_spec(reference_blocks=reference, windows=(5, 15, 60), signals=("temperature", "pressure", "vibration"))
    names = " ".join((*spec.codes, *spec.components, *spec.device_types)).replace("_", " ")
    own = {"vibration", *names.split(), "bar", "min"}
    for wording in wordings(spec).values():
        english = wording.say(value)
        words = set(re.findall(r"[a-z]{3,}", english)) - own
        assert not words & set(re.findall(r"\w+", translated(english, words_of("de")))), english


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(45, "45 s"), (900, "15 min"), (3600, "1 h"), (8388, "2 h 20 min"), (90_000, "25 h"), (1_080_000, "12 days")],
)
def test_lengths_of_time(seconds: float, words: str) -> None:
    assert duration_in_words(seconds) == words
