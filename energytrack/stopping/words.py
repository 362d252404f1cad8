"""Describes the cheapest time to stop in a sentence."""

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from types import MappingProxyType
from typing import Final

from energytrack.fields import StopTime
from energytrack.messages import StopOption
from energytrack.stopping.choice import saving

WORDS: Final[Mapping[StopTime, str]] = MappingProxyType(
    {
        "now": "now",
        "break": "in the next break",
        "shift_end": "at the end of the shift",
        "after_work": "after work",
        "maintenance": "in the next planned maintenance",
        "part": "when the spare part arrives, if it is ordered now",
        "run_on": "not before it fails",
    }
)


def advice(stop_options: Sequence[StopOption], zone: tzinfo, currency: str) -> str:
    """The cheapest of the options that `choice.options` returns, and what it saves."""
    best, saved = stop_options[0], saving(tuple(stop_options))
    if best.at is None or saved is None:
        return f"Running on is cheapest: {money(best.expected_cost, currency)} expected."
    time = "" if best.when == "now" else f" ({_clock(best.at, zone)})"
    return (
        f"Cheapest time to stop: {WORDS[best.when]}{time}. {money(best.expected_cost, currency)} expected, "
        f"{money(saved, currency)} less than running on."
    )


def money(amount: float, currency: str) -> str:
    """A sum without cents: expected costs are not known to a cent."""
    return f"{amount:,.0f} {currency}"


def _clock(at: datetime, zone: tzinfo) -> str:
    return f"{at.astimezone(zone):%a %H:%M}"
