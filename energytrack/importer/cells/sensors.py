"""Temperature, pressure and current: recognises headings, and the units that they state. Pure."""

import re
from collections.abc import Collection, Mapping
from typing import Final, NamedTuple

from energytrack.importer.cells.units import ENERGY, FACTOR, PER, POWER, REACTIVE


class Scale(NamedTuple):
    """How a unit is converted into that of readings: multiplied first, then added to."""

    factor: float
    added: float = 0.0


SENSORS: Final[Mapping[str, Mapping[str, Scale]]] = {
    "temperature": {"°c": Scale(1.0), "°f": Scale(5.0 / 9.0, -160.0 / 9.0), "k": Scale(1.0, -273.15)},
    "pressure": {
        "bar": Scale(1.0), "mbar": Scale(1e-3), "pa": Scale(1e-5), "hpa": Scale(1e-3), "kpa": Scale(1e-2),
        "mpa": Scale(10.0), "psi": Scale(0.0689475729),
    },
    "current": {"a": Scale(1.0), "ma": Scale(1e-3), "ka": Scale(1e3)},
}  # fmt: skip
"""The known units, in lower case; the first one of each sensor is that of readings."""
SHOWN: Final = {
    "°c": "°C", "°f": "°F", "k": "K", "bar": "bar", "mbar": "mbar", "pa": "Pa", "hpa": "hPa", "kpa": "kPa",
    "mpa": "MPa", "psi": "psi", "a": "A", "ma": "mA", "ka": "kA",
}  # fmt: skip
_OTHERWISE: Final = {
    "c": "°c", "degc": "°c", "deg c": "°c", "grad c": "°c", "° c": "°c", "celsius": "°c", "grad": "°c",
    "grad celsius": "°c", "degrees celsius": "°c", "℃": "°c", "f": "°f", "degf": "°f", "deg f": "°f", "grad f": "°f",
    "° f": "°f", "fahrenheit": "°f", "grad fahrenheit": "°f", "degrees fahrenheit": "°f", "℉": "°f", "kelvin": "k",
    "barg": "bar", "bar(g)": "bar", "bar g": "bar", "barü": "bar", "bar ü": "bar", "bar rel": "bar",
    "millibar": "mbar", "pascal": "pa", "psig": "psi", "psi(g)": "psi",
    "amp": "a", "amps": "a", "ampere": "a", "amperes": "a", "ampère": "a", "milliampere": "ma", "kiloampere": "ka",
}  # fmt: skip
"""Other spellings of them. Readings contain gauge pressure; absolute pressure is another quantity."""
_ALONE: Final = frozenset({"c", "f", "k", "a", "pa", "ma", "ka", "grad", "amp", "amps", "ampere", "amperes", "ampère"})
"""Words that are units only at the end of a heading, and with a sign before them."""
_LETTERS: Final = frozenset({"c", "a"})
"""`Temperature A` and `C` may be names of places; as units, they would be the default ones anyway."""
_UNKNOWN: Final = re.compile(
    r"(?<![a-z])(bara|psia|[km]?psi|[mkhd]?bar|[mkhd]?pa|[mk]?a|inhg|mmhg|cmhg|torr|atm|ksi|mm?ws|mmh2o|inh2o|"
    r"kgf?|kp|[nµμu]a|deg|°[a-z]?)(?![a-z])|[°%²³/µμ*^\u00d7]",
    re.I,
)
"""A unit of any kind, or a text that contains one."""
_FOREIGN: Final = re.compile(r"(?<![a-z])(bara|psia|inhg|mmhg|torr|ksi|mmws|mmh2o|inh2o|[nµμ]a|°r[ée]?)(?![a-z])", re.I)
_OTHER: Final = re.compile(
    r"%|[mk]?v|[km]?varh?|[km]?vah?|[km]?hz|rpm|[1u]/min|min-?1|n?(m³|m3|l)(/(s|min|h))?|kg(/(s|min|h))?|[tg]|(m|mm|cm|µm)|"
    r"(mm|m)/s[²2]?|m?s|min|h|k?n|nm|ppm|db(\(a\))?|lux|eur|€|ct|usd|\$", re.I,
)  # fmt: skip
"""Units of other quantities: `Druckluft [m³/h]` is not a pressure, and `Current speed [rpm]` not a current."""
_BRACKETS: Final = re.compile(r"\[([^\[\]]*)\]|(?<!\w)\(([^()]*(?:\([^()]*\))?)\)|\{([^{}]*)\}|<([^<>]*)>")
_OF_THE_INTERVAL: Final = re.compile(r"[\s,;]+(max|min|avg|mean|mittel|mittelwert)\.?$", re.I)
_CAMEL: Final = re.compile(r"(?<=[a-z])([FK]|PSI|Psi|[HhKkM]Pa|[Mm]Bar|Mbar|mbar|mA|[Kk]A)$")
_WORDS: Final = (
    ("temperature", re.compile(r"temp", re.I)),
    ("pressure", re.compile(r"(pressure|druck|pression|presi)", re.I)),
    ("current", re.compile(r"(current|strom(?!verbrauch|z)|intensit|corriente|ampere)", re.I)),
)


def sensors_in(heading: str) -> tuple[str, ...]:
    """The sensors that the words of a heading may stand for."""
    if REACTIVE.search(heading) or FACTOR.search(heading):
        return ()
    return tuple(name for name, words in _WORDS if words.search(heading))


def stated_unit(heading: str, sensors: Collection[str]) -> str | None:
    """The unit that a heading states for one of these sensors, in lower case, known or not; None if it states none."""
    heading = re.sub(r"\s\(\d+\)$", "", heading).strip()
    known = {unit for sensor in sensors for unit in SENSORS[sensor]}
    brackets = [("".join(each.groups(default="")), each.group()[0]) for each in _BRACKETS.finditer(heading)]
    inside = [(spelled(text), text.strip(), sign) for text, sign in brackets]
    if found := next((unit for unit, _, _ in inside if unit in known), None):
        return found
    if found := next((unit for unit, text, _ in inside if _is_unit(unit, text)), None):
        return found
    if found := _in_words(_BRACKETS.sub(" ", heading).strip(), known):
        return found
    return next((unit for unit, text, sign in inside if sign == "[" and text and not re.search(r"\d$", text)), None)


def spelled(unit: str) -> str:
    """A unit in the spelling of `SENSORS`, if it is one of them; otherwise in lower case."""
    plain = " ".join(_OF_THE_INTERVAL.sub("", unit.strip()).lower().split())
    return _OTHERWISE.get(plain, plain)


def _is_unit(unit: str, text: str) -> bool:
    """Whether a text in brackets is a unit, not a place such as `Lager` or `L1`."""
    return unit in SHOWN or unit in ENERGY or unit in POWER or _OTHER.fullmatch(text) is not None or is_unit_like(text)


def is_unit_like(text: str) -> bool:
    """Whether a text contains a unit, known or not."""
    return _UNKNOWN.search(text) is not None


def _in_words(heading: str, known: Collection[str]) -> str | None:
    """A unit without brackets: `temp_f`, `Druck, mbar`, `pressureKPa`."""
    if camel := _CAMEL.search(heading):
        unit = spelled(camel.group(1))
        if unit in known:
            return unit
    words = sorted((each for each in {*SHOWN, *_OTHERWISE} if spelled(each) in known), key=len, reverse=True)
    for word in words:
        if word in _LETTERS:
            continue
        end = r"\s*$" if word in _ALONE or len(word) == 1 else r"(?![A-Za-z(])"
        if re.search(rf"(?<![A-Za-z]){re.escape(word)}{end}", heading, re.I) and heading.lower() != word:
            return spelled(word)
    found = _FOREIGN.search(heading)
    return None if found is None else found.group().lower()


def own_sensor(heading: str, unit: str | None = None) -> str | None:
    """`temperature`, `pressure` or `current` if the heading has that word, and not a unit of another quantity."""
    sensors = sensors_in(heading)
    unit = spelled(unit or stated_unit(heading, sensors) or "")
    return next((sensor for sensor in sensors if not unit or unit in SENSORS[sensor]), None)


def unknown_unit(heading: str, unit: str | None) -> bool:
    """Whether a heading names one of these sensors with a unit that is not known, nor one of another quantity."""
    if not unit or not sensors_in(heading) or own_sensor(heading, unit):
        return False
    plain = spelled(unit)
    is_other = plain in SHOWN or plain in ENERGY or plain in POWER or _OTHER.fullmatch(plain) or PER.search(plain)
    return not is_other
