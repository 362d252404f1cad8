"""Prices and emission factors of a kilowatt hour, as exchanges and utilities export them. Pure."""

import re
from collections.abc import Sequence
from typing import Final

import numpy as np

from energytrack.importer.choices import Choices, NotProved
from energytrack.importer.content import DatedRates, Rate, RateKind

_PER: Final = r"\s*(?:/|\bper\b|\bpro\b|\bje\b|_per_)\s*(?P<of>kwh|mwh)(?![a-z])"
_MONEY: Final = re.compile(
    r"(?<![a-z])(?P<unit>eur|€|euro|usd|\$|gbp|£|chf|pln|zł|dkk|sek|nok|czk|huf|ron|bgn|aud|cad|ct|cents?|¢)" + _PER,
    re.I,
)
_MASS: Final = re.compile(
    r"(?<![a-z])(?P<unit>kg|g|t)(?=[\s_-]*(?:co|/|per\b))[\s_-]*(?:co[2₂])?[\s_-]*(?:eq?\.?|[äa]q\.?|equiv[a-z.]*)?"
    + _PER,
    re.I,
)
_OURS: Final = {"price_per_kwh": "price", "location_kg_per_kwh": "location", "market_kg_per_kwh": "market"}
_MARKET: Final = re.compile(r"(market|residual|restmix|contract|vertrag|supplier|liefer)", re.I)
_CODES: Final = {"€": "EUR", "EURO": "EUR", "$": "USD", "£": "GBP", "ZŁ": "PLN"}
_CENTS: Final = frozenset({"CT", "CENT", "CENTS", "¢"})
_KILOGRAMS: Final = {"KG": 1.0, "G": 0.001, "T": 1000.0}
_PRICE_UNITS: Final = {"per kWh": 1.0, "per MWh": 0.001, "ct/kWh": 0.01}


def rate_of(heading: str) -> Rate | None:
    """The price or emission factor that a heading names; None if it names none."""
    if kind := _OURS.get(heading.strip().lower()):
        return Rate(kind, 1.0, None)  # type: ignore[arg-type]
    if match := _MONEY.search(heading):
        unit = match["unit"].upper()
        factor = (0.01 if unit in _CENTS else 1.0) * _kilowatt_hours(match["of"])
        return Rate("price", factor, None if unit in _CENTS else _CODES.get(unit, unit))
    if match := _MASS.search(heading):
        factor = _KILOGRAMS[match["unit"].upper()] * _kilowatt_hours(match["of"])
        return Rate("market" if _MARKET.search(heading) else "location", factor, None)
    return None


def stated_rate(heading: str, unit: str | None, choices: Choices) -> Rate | None:
    """The same for a column, with a person's choices; raises NotProved."""
    if choices.price == "":
        return None
    rate = rate_of(heading) or rate_of(unit or "")
    if rate is None and heading == choices.price:
        if choices.price_unit is None:
            raise NotProved("price_unit", f"{heading!r} is a price, but does not state per how much energy")
        return Rate("price", _PRICE_UNITS[choices.price_unit], None)
    return rate


def chosen(rates: Sequence[DatedRates], kind: RateKind, choices: Choices) -> DatedRates | None:
    """The one column of a kind; None if there is none. Raises NotProved if there are several."""
    what = "price" if kind == "price" else "emissions"
    choice = getattr(choices, what)
    candidates = [each for each in rates if each.rate.kind == kind]
    if choice and (named := [each for each in candidates if each.heading == choice]):
        return named[0]
    if len(candidates) > 1:
        listed = ", ".join(each.heading for each in candidates)
        raise NotProved(what, f"several columns are possible: {listed}", candidates[0].heading)
    return candidates[0] if candidates else None


def gaps(rates: DatedRates) -> tuple[int, int | None]:
    """The number of intervals without a value between the first and the last, and when the first of them begins."""
    at = rates.start_ms
    if len(at) < 2 or not rates.width_ms:
        return 0, None
    steps = np.diff(at)
    missing = np.maximum(steps // rates.width_ms - 1, 0)
    if not missing.any():
        return 0, None
    first = int(np.flatnonzero(missing)[0])
    return int(missing.sum()), int(at[first]) + rates.width_ms


def _kilowatt_hours(unit: str) -> float:
    return 0.001 if unit.lower() == "mwh" else 1.0
