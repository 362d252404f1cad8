"""Single values of a reading from machines and gateways: parsed, or an error that says why not. Pure."""

import json
import math
import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from energytrack.fields import STATES, State

NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_COMMA: Final = re.compile(r"[+-]?\d+,\d+")
_UNIT: Final = re.compile(r"[+-]?\d+([.,]\d+)?\s*[^\d\s.,]+")
_MISSING: Final = frozenset({"nan", "null", "none", "n/a", "na", "-", "--", "inf", "-inf", "infinity", "-infinity"})
MOST_SHOWN: Final = 60


class QuantityLimits(NamedTuple):
    """The possible values of a quantity, in nature or in any plant."""

    lowest: float
    highest: float
    unit: str = ""


LIMITS: Final[Mapping[str, QuantityLimits]] = {
    "temperature": QuantityLimits(-273.15, 2500.0, " °C"),
    "pressure": QuantityLimits(-5.0, 10_000.0, " bar"),
    "current": QuantityLimits(-200_000.0, 200_000.0, " A"),
    "energy_kwh": QuantityLimits(0.0, 1e12, " kWh"),
    "parts": QuantityLimits(0.0, 1e12, " parts"),
    "scrap": QuantityLimits(0.0, 1e12, " parts"),
}
ANY_SIGNAL: Final = QuantityLimits(-1e12, 1e12)
"""A signal may be a counter: a 32-bit register of parts counts up to 4,294,967,295."""


class Unusable(ValueError):
    """A value that cannot be used; its text says what was received, what was expected, and what to do."""


def quoted(value: object) -> str:
    """A received value, as it is quoted in an error."""
    try:
        text = json.dumps(value)
    except (TypeError, ValueError, RecursionError):
        text = repr(value)
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}…"


def number(value: object, limits: QuantityLimits) -> float | None:
    """A number, also from a text; None for null. Raises Unusable."""
    if value is None:
        return None
    if isinstance(value, str):
        value = _number_in(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unusable(f"got {quoted(value)}, expected a number, or null while the sensor is lost")
    try:
        value = float(value)
    except OverflowError:
        value = math.inf
    if not math.isfinite(value):
        raise Unusable(f"got {value}, which is not a number: send null while the sensor is lost")
    if not limits.lowest <= value <= limits.highest:
        between = f"{limits.lowest:,.15g} to {limits.highest:,.15g}{limits.unit}"
        raise Unusable(
            f"got {value:.15g}{limits.unit}, expected {between}: a broken wire, a wrong scale, or an error code of the "
            "controller? Send null while the sensor is lost"
        )
    return value


def _number_in(text: str) -> float:
    plain = text.strip()
    if NUMBER.fullmatch(plain):
        return float(plain)
    if not plain or plain.lower() in _MISSING:
        raise Unusable(f"got {quoted(text)}, which is not a number: send null while the sensor is lost")
    if _COMMA.fullmatch(plain):
        raise Unusable(f"got {quoted(text)}: write the decimal sign as a point ({plain.replace(',', '.')})")
    if _UNIT.fullmatch(plain):
        raise Unusable(f"got {quoted(text)}: send the number without its unit")
    raise Unusable(f"got {quoted(text)}, expected a number, or null while the sensor is lost")


def state(value: object, aliases: Mapping[str, State]) -> State | None:
    """A state in any case, or by an alias (`aliases` has them in lower case); None for null. Raises Unusable."""
    if value is None:
        return None
    word = value if isinstance(value, str) else json.dumps(value) if isinstance(value, int | float) else ""
    word = word.strip().lower()
    if word in aliases:
        return aliases[word]
    for allowed in STATES:
        if word == allowed:
            return allowed
    raise Unusable(
        f"got {quoted(value)}, expected {', '.join(STATES)}: say what it means in plant.toml, for example "
        f'states = {{ {quoted(str(value))} = "running" }}'
    )


def name(value: object) -> str | None:
    """A name of 1 to 64 characters; None for null. Raises Unusable."""
    if value is None:
        return None
    if not isinstance(value, str) or not 1 <= len(value) <= 64 or not _is_text(value):
        raise Unusable(f"got {quoted(value)}, expected a text of 1 to 64 characters")
    return value


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
