"""Grafana's units for amounts of money."""


def money(currency: str) -> str:
    """The unit of a currency (ISO 4217)."""
    return f"currency:{currency} " if currency != "EUR" else "currencyEUR"


def is_money(unit: str) -> bool:
    """Whether a text is such a unit."""
    return unit == "currencyEUR" or unit.startswith("currency:")
