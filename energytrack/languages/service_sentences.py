"""Translates sentences that services send in English.

Messages, the API and Prometheus stay in English. Whatever shows such a sentence looks it up: the catalogues have those
of alerts.toml, of the recommendations and of the model in the context `told`, with gaps for what varies. Sentences that
no catalogue has are shown as they were sent. The operators' page does the same (kit/translated.js).
"""

import re
from functools import cache
from typing import Final, NamedTuple

from energytrack.catalogue import CATALOGUE
from energytrack.languages.words import Words, catalogue
from energytrack.metering.reasons import EXPLANATIONS
from energytrack.plant.file import Language
from energytrack.production.rules import REASONS as STOP_REASONS
from energytrack.stopping.words import WORDS

CONTEXT: Final = "told"
GAP: Final = re.compile(r"{(\w+)}")
FILLED: Final = r"(?:(?!\. ).)+?"
"""What a gap may contain: not the end of a sentence and the next one."""
MEASURED: Final = frozenset({"value", "number", "span", "share", "limit", "cost"})
"""The gaps with numbers; names with digits stay as they are."""
NUMBER: Final = re.compile(r"\d+(?:,\d{3})*(?:\.(\d+))?")
SENTENCES: Final = re.compile(r"(?<=\.) (?=[A-Z])")

REASONS: Final = (
    "{signal} not known",
    "initial {signal} not known",
    "usual {signal} not known yet",
    "temperature {value} °C",
    "pressure {value} bar",
    "current {value} A",
    "{signal} {value} on average over {span}",
    "{signal} fluctuating by {value} over {span}",
    "{signal} steady over {span}",
    "{signal} rising {value} in {span}",
    "{signal} falling {value} in {span}",
    "{signal} higher than the other signals suggest ({value} standard deviations)",
    "{signal} lower than the other signals suggest ({value} standard deviations)",
    "{signal} over {span} {value} standard deviations above its initial level",
    "{signal} over {span} {value} standard deviations below its initial level",
    "1 warning code in {span}",
    "{number} warning codes in {span}",
    "1 warning code in {span} since the last repair",
    "{number} warning codes in {span} since the last repair",
    "warning code {code} once in {span}",
    "warning code {code} twice in {span}",
    "warning code {code} {number} times in {span}",
    "other warning codes once in {span}",
    "other warning codes twice in {span}",
    "other warning codes {number} times in {span}",
    "last warning code {span} ago",
    "last failure {span} ago",
    "last maintenance {span} ago",
    "last work on {component} {span} ago",
    "last work on other components {span} ago",
    "no warning code on record",
    "no failure on record",
    "no maintenance on record",
    "no work on {component} on record",
    "no work on other components on record",
    "machine is {value} years old",
    "machine is of type {type}",
    "usual range not known yet",
    "signals do not fit together as usual (largest deviation {value})",
    "signals {value} times as far from normal as usual",
    "Like earlier failures.",
    "Like earlier failures: {mode}.",
    "Like earlier failures: {mode} or {other}.",
    "Like earlier failures: {mode} or {other} or {third}.",
    "Inspect first: {component}.",
    "Inspect first: {component} or {other}.",
    "Inspect first: {component} or {other} or {third}.",
    "Unlike anything in the {span} that the model learned from.",
    "Unlike anything in the {span} that the model learned from: {signal}.",
    "Unlike anything in the {span} that the model learned from: {signal} against {other}.",
    "{mode} ({share})",
    "{number} days",
)
"""Reasons of the model (ml/scoring/wording.py, ml/scoring/likeness.py)."""
NAMES: Final = (
    "temperature", "pressure", "current", "bearing wear", "cooling loss", "seal leak", "tool wear", "electrical", "day",
)  # fmt: skip
"""Signals and kinds of failure as most plants have them; others stay as the plant calls them."""
TYPES: Final = ("cnc machine", "robotic arm", "press", "drill", "conveyor belt")
"""Types of machines of the plant file that is shipped, likewise."""
SENSORS: Final = (
    "The sensor {sensor} is lost: Check the cable and replace it if need be.",
    "The sensors {sensors} and {sensor} are lost: Check the cable and replace it if need be.",
    "The sensor {sensor} always shows the same value while the machine works: Check the cable and replace it if need be.",  # noqa: E501
    "The sensors {sensors} and {sensor} always show the same value while the machine works: Check the cable and replace it if need be.",  # noqa: E501
    "All values repeat to the last digit while the machine works: Check the gateway, it seems to send the last good values again and again.",  # noqa: E501
)
"""Recommendations that name what is concerned (ml/recommendations/sensors.py)."""
VALUES: Final = (
    "{number} °C above", "{number} °C below", "{number} bar above", "{number} bar below",
    "unknown percentage", "unknown difference from", "an unknown power", "an unknown time",
)  # fmt: skip
"""Values in alerts that have words (tools/alerts/values.py)."""
RISK: Final = (
    "Main reasons: {reasons}.",
    "warning codes of its controller",
    "time since maintenance or failure",
    "signals that do not fit together",
    "age and kind of the machine",
    "other signals",
    "It has at least {span} (8 of 10 in such a state).",
    "It has at most {span} (8 of 10 in such a state).",
    "It has at least {span}, at most {limit} (8 of 10 in such a state).",
    "Cheapest time to stop it: {time} ({cost} expected).",
    *WORDS.values(),
)
"""What alarms say of a machine at risk (tools/alerts/reasons.py)."""
STOP: Final = (
    "Cheapest time to stop: {time}. {cost} expected, {value} less than running on.",
    "Cheapest time to stop: {time} ({clock}). {cost} expected, {value} less than running on.",
    "Running on is cheapest: {cost} expected.",
)
"""The recommendation of the cheapest time to stop (energytrack/stopping/words.py)."""
DURATIONS: Final = ("less than a second", "1 day", "1 day {span}", "{number} days {span}")
"""Durations in alerts beside those in reasons (tools/alerts/values.py)."""
PEAK: Final = (
    "Ends at {value}.",
    "Ends at {value}, {number} below what is paid for ({limit}).",
    "Ends at {value}, {number} below what is expected of this month ({limit}).",
    "Ends at {value}, {number} above what is paid for ({limit}), costs {cost}.",
    "Ends at {value}, {number} above what is expected of this month ({limit}), costs {cost}.",
)
"""The forecast of the current quarter hour (control_api/peak/rules.py)."""
METER: Final = tuple(text for each in EXPLANATIONS.values() for text in (each.words, each.mend))
"""Why energy is not simply measured, and what to do."""
KNOWN: Final = (
    *(each.text for each in CATALOGUE), *SENSORS, *REASONS, *PEAK, *NAMES, *TYPES,
    *(each.text for each in STOP_REASONS), *VALUES, *METER, *RISK, *STOP, *DURATIONS,
)  # fmt: skip
"""All sentences except the texts of alerts.toml."""


class GappedSentence(NamedTuple):
    """A sentence with gaps, and its translation."""

    english: re.Pattern[str]
    translation: str


class KnownSentences(NamedTuple):
    """The sentences that a language's catalogue has."""

    whole: dict[str, str]
    gapped: tuple[GappedSentence, ...]
    """Most specific first."""


def translated(sentence: str, t: Words) -> str:
    """A service's sentences in a language; as they were sent if no catalogue has them."""
    if t.language == "en" or not sentence:
        return sentence
    return _one(sentence, t) or _several(sentence, t)


def _one(sentence: str, t: Words) -> str | None:
    """The translation of one sentence, known as a whole or with its gaps filled; None if it is not known."""
    known = known_in(t.language)
    if sentence in known.whole:
        return known.whole[sentence]
    for pattern in known.gapped:
        found = pattern.english.fullmatch(sentence)
        if found:
            gaps = {name: _one(value, t) or _gap(name, value, t) for name, value in found.groupdict().items()}
            return GAP.sub(lambda gap, gaps=gaps: gaps[gap[1]], pattern.translation)  # type: ignore[misc]
    return None


def _gap(name: str, value: str, t: Words) -> str:
    """A gap's value: numbers as the language writes them, and each of several names translated."""
    if name in MEASURED:
        return NUMBER.sub(lambda found: t.number(float(found[0].replace(",", "")), len(found[1] or "")), value)
    return ", ".join(_one(each, t) or each for each in value.split(", "))


def _several(text: str, t: Words) -> str:
    """Translate sentence by sentence; the last part of a text, what to do, is looked up as a whole."""
    for english, said in known_in(t.language).whole.items():
        if text.endswith(f" {english}"):
            return f"{_several(text.removesuffix(f' {english}'), t)} {said}"
    return " ".join(_one(each, t) or each for each in SENTENCES.split(text))


@cache
def known_in(language: Language) -> KnownSentences:
    """The sentences of a catalogue."""
    texts = {
        english: str(each.string)
        for each in catalogue(language)
        if each.context == CONTEXT and each.string and isinstance(english := each.id, str)
    }
    gapped = sorted(filter(GAP.search, texts), key=lambda english: len(GAP.sub("", english)), reverse=True)
    return KnownSentences(
        whole={english: said for english, said in texts.items() if not GAP.search(english)},
        gapped=tuple(GappedSentence(re.compile(expression(english)), texts[english]) for english in gapped),
    )


def expression(english: str) -> str:
    """A sentence with gaps as a regular expression with a group for each."""
    parts = GAP.split(english)
    return "".join(re.escape(part) if i % 2 == 0 else f"(?P<{part}>{FILLED})" for i, part in enumerate(parts))
