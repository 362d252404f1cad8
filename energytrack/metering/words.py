"""Describes a meter for its machine's page: as facts and in words."""

from typing import Final

from msgspec import Struct

from energytrack.errors import span
from energytrack.metering.reasons import EXPLANATIONS, Reason
from energytrack.metering.values import Meter, Register

ON_CHANGE_MOVES: Final = 20
"""After this many moves without a repeated value, the gateway is known to send only changed values."""
FAST_SECONDS: Final = 1.5
"""A register that is refreshed this often is refreshed with every reading."""


class MeterFacts(Struct, frozen=True):
    """The facts in a sentence about a meter."""

    register_kwh: float | None
    """None without a register."""
    in_whole_kwh: bool
    on_change_only: bool
    refresh_seconds: float | None
    """None if it is refreshed with every reading, or if that is not known yet."""
    distrust: Reason | None
    """Why the register is not trusted."""
    doubt_kwh: float | None
    """The value it shows now, if that does not fit."""


def facts_of(meter: Meter) -> MeterFacts:
    """The facts that the page shows about a meter."""
    register, distrust, implausible = meter.register, meter.record.distrust, meter.record.implausible
    on_change = register is not None and _is_on_change(register)
    period = None if register is None else register.period
    return MeterFacts(
        register_kwh=None if register is None else register.kwh,
        in_whole_kwh=register is not None and register.count_kwh >= 1.0 and register.moves > 1,
        on_change_only=on_change,
        refresh_seconds=period if period is not None and period > FAST_SECONDS and not on_change else None,
        distrust=None if distrust is None else distrust.reason,
        doubt_kwh=None if implausible is None or distrust is not None else implausible.kwh,
    )


def described(facts: MeterFacts, coverage: str) -> str:
    """The register, how it is refreshed, today's coverage, and what to do if the register is not trusted."""
    phrases = ["No register" if facts.register_kwh is None else f"Register {facts.register_kwh:,.1f} kWh"]
    if facts.in_whole_kwh:
        phrases.append("in whole kWh")
    if facts.on_change_only:
        phrases.append("sent on change only")
    elif facts.refresh_seconds is not None:
        phrases.append(f"refreshed every {span(facts.refresh_seconds)}")
    sentences = [f"{', '.join(phrases)}; {coverage}."]
    if facts.distrust is not None:
        explanation = EXPLANATIONS[facts.distrust]
        sentences += [explanation.words, explanation.mend]
    elif facts.doubt_kwh is not None:
        sentences.append(
            f"It currently shows {facts.doubt_kwh:,.1f} kWh, which does not fit; the next values will show why."
        )
    return " ".join(sentences)


def _is_on_change(register: Register) -> bool:
    return register.moves >= ON_CHANGE_MOVES and register.repeats == 0 and (register.period or 0.0) > 60.0
