"""Grafana's units for amounts: whole numbers with separators, without the K and M that Grafana adds by itself."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_SYMBOLS: Final[Mapping[str, str]] = MappingProxyType({"EUR": "€", "USD": "$", "GBP": "£"})
_PREFIX: Final = "currency:financial:"
KILOWATT_HOURS: Final = f"{_PREFIX} kWh:suffix"
"""For columns: every cell has the same unit, however large it is. Elsewhere `kwatth` chooses MWh by itself."""

KILOWATTS: Final = f"{_PREFIX} kW:suffix"
"""Likewise: `897.9 W` beside `3.4 kW` cannot be compared."""


def money(currency: str) -> str:
    """The unit of a currency (ISO 4217)."""
    return _PREFIX + _SYMBOLS.get(currency, f"{currency} ")


def is_money(unit: str) -> bool:
    """Whether a text is such a unit."""
    return unit.startswith(_PREFIX) and not unit.endswith(":suffix")
