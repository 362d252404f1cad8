"""The words for a feature's value, for the people who go to the machine."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import isnan, sqrt
from types import MappingProxyType
from typing import Final

from ml.features.spec import OTHER, FeatureSpec, duration

UNITS: Final[Mapping[str, str]] = MappingProxyType({"temperature": " °C", "pressure": " bar", "current": " A"})
"""Units of the signals that every machine has; additional ones are in the plant's own units."""
SMALLEST: Final = 0.0005
"""Less than this is shown as zero."""
Say = Callable[[float], str]
"""From a feature's value (NaN if unknown) to words; empty if it means nothing to a technician."""


@dataclass(frozen=True)
class Wording:
    """The words for one feature."""

    subject: str
    """The subject: features of one subject describe the same over different time spans."""
    say: Say


def wordings(spec: FeatureSpec) -> dict[str, Wording]:
    """The words for each feature of the spec, by name; one without words of its own shows its value."""
    wording_of = {name: Wording(subject, say) for name, subject, say in (*_of_signals(spec), *_of_events(spec))}
    return {name: wording_of.get(name) or Wording(name, _plain(name)) for name in spec.names}


def _of_signals(spec: FeatureSpec) -> Iterator[tuple[str, str, Say]]:
    spans = [window * spec.bucket_seconds for window in spec.windows]
    for signal, floor in zip(spec.signals, spec.floors, strict=True):
        yield signal, f"{signal} level", _level(signal, "")
        yield f"{signal}_shift", f"{signal} shift", _shift(signal)
        for seconds in spans:
            span, name = duration_in_words(seconds), duration(seconds)
            yield f"{signal}_mean_{name}", f"{signal} level", _level(signal, f" on average over {span}")
            yield f"{signal}_deviation_{name}", f"{signal} variation", _unrest(signal, span)
            yield f"{signal}_rise_{name}", f"{signal} rise", _rise(signal, span, floor)
            yield f"{signal}_departure_{name}", f"{signal} deviation", _departure(signal, span)
    yield "largest_shift", "fit", _misfit
    yield "unusual", "fit", _distance


def _of_events(spec: FeatureSpec) -> Iterator[tuple[str, str, Say]]:
    for hours in spec.code_hours:
        yield f"codes_{duration(hours * 3600)}", "codes", _codes(duration_in_words(hours * 3600))
    for name, hours in zip(spec.codes_since_repair, spec.repair_hours, strict=True):
        yield name, "codes", _codes(f"{duration_in_words(round(hours * 3600))} since the last repair")
    last = spec.code_hours[-1] * 3600
    for code in (*spec.codes, OTHER):
        what = "other warning codes" if code == OTHER else f"warning code {_words(code)}"
        yield f"code_{code}_{duration(last)}", f"code {code}", _times(what, duration_in_words(last))
    yield "hours_since_code", "codes", _ago("last warning code", "no warning code on record")
    yield "hours_since_failure", "failure", _ago("last failure", "no failure on record")
    yield "hours_since_maintenance", "maintenance", _ago("last maintenance", "no maintenance on record")
    for component in (*spec.components, OTHER):
        name = "other components" if component == OTHER else _words(component)
        say = _ago(f"last work on {name}", f"no work on {name} on record")
        yield f"hours_since_maintenance_{component}", f"maintenance of {component}", say
    yield "age_years", "age", lambda value: "" if isnan(value) else f"machine is {_number(value)} years old"
    for device_type in spec.device_types:
        yield f"type_{device_type}", "type", _type(device_type)


def duration_in_words(seconds: float) -> str:
    """A length of time in whole units, finer while it is short: 45 s, 15 min, 2 h 30 min, 13 h, 12 days."""
    if round(seconds) < 60:
        return f"{round(seconds)} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 600:
        return f"{minutes // 60} h{f' {minutes % 60} min' if minutes % 60 else ''}"
    hours = round(seconds / 3600)
    return f"{hours} h" if hours < 48 else f"{round(hours / 24)} days"


def _words(name: str) -> str:
    """A name of a controller or of the plant file as people write it: no underscores."""
    return name.replace("_", " ")


def _number(value: float) -> str:
    if abs(value) < SMALLEST:
        return "0"
    return f"{value:.1f}" if abs(value) >= 1 else f"{value:.2g}"


def _level(signal: str, over: str) -> Say:
    unit, what = UNITS.get(signal, ""), _words(signal)
    return lambda value: f"{what} not known" if isnan(value) else f"{what} {_number(value)}{unit}{over}"


def _unrest(signal: str, span: str) -> Say:
    unit, what = UNITS.get(signal, ""), _words(signal)
    return lambda value: (
        f"{what} not known" if isnan(value) else f"{what} fluctuating by {_number(value)}{unit} over {span}"
    )


def _rise(signal: str, span: str, floor: float) -> Say:
    unit, what = UNITS.get(signal, ""), _words(signal)

    def say(value: float) -> str:
        if isnan(value):
            return f"{what} not known"
        if abs(value) < floor:
            return f"{what} steady over {span}"
        return f"{what} {'rising' if value > 0 else 'falling'} {_number(abs(value))}{unit} in {span}"

    return say


def _shift(signal: str) -> Say:
    def say(value: float) -> str:
        if isnan(value):
            return f"usual {_words(signal)} not known yet"
        side = "higher" if value > 0 else "lower"
        return f"{_words(signal)} {side} than the other signals suggest ({_number(abs(value))} standard deviations)"

    return say


def _misfit(value: float) -> str:
    if isnan(value):
        return "usual range not known yet"
    return f"signals do not fit together as usual (largest deviation {_number(value)})"


def _distance(value: float) -> str:
    """The words for Hotelling's T² over the number of signals, a squared distance whose usual value is 1."""
    if isnan(value):
        return "usual range not known yet"
    return f"signals {_number(sqrt(max(value, 0.0)))} times as far from normal as usual"


def _departure(signal: str, span: str) -> Say:
    def say(value: float) -> str:
        if isnan(value):
            return f"initial {_words(signal)} not known"
        side = "above" if value > 0 else "below"
        return f"{_words(signal)} over {span} {_number(abs(value))} standard deviations {side} its initial level"

    return say


def _codes(span: str) -> Say:
    return lambda value: f"{value:.0f} warning code{'s' * (value > 1)} in {span}" if value >= 1 else ""


def _times(what: str, span: str) -> Say:
    def say(value: float) -> str:
        if not value >= 1:
            return ""
        return f"{what} {_often(value)} in {span}"

    return say


def _often(value: float) -> str:
    return {1.0: "once", 2.0: "twice"}.get(value) or f"{value:.0f} times"


def _ago(what: str, never: str) -> Say:
    return lambda hours: never if isnan(hours) else f"{what} {duration_in_words(max(hours, 0.0) * 3600)} ago"


def _type(device_type: str) -> Say:
    return lambda value: f"machine is of type {_words(device_type)}" if value > 0 else ""


def _plain(name: str) -> Say:
    return lambda value: "" if isnan(value) else f"{_words(name)} is {_number(value)}"
