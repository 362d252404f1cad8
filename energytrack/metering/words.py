"""A meter in words, for the page of its machine."""

from typing import Final

from energytrack.errors import span
from energytrack.metering.reasons import EXPLANATIONS
from energytrack.metering.values import Meter, Register

ON_CHANGE_MOVES: Final = 20
"""So many moves without a value that came twice, and the gateway sends a value only when it has changed."""


def described(meter: Meter) -> str:
    """The register, how it is refreshed, what is known of the time, and what to do where it is not believed."""
    register = meter.register
    said = ["No register"] if register is None else [f"Register {register.kwh:,.1f} kWh", *_habits(register)]
    sentences = [f"{', '.join(said)}; {coverage(meter)}."]
    if meter.distrust is not None:
        explanation = EXPLANATIONS[meter.distrust.reason]
        sentences += [explanation.words, explanation.mend]
    elif meter.doubt is not None:
        sentences.append(f"It shows {meter.doubt.kwh:,.1f} kWh at present, which does not fit; what follows will tell.")
    return " ".join(sentences)


def coverage(meter: Meter) -> str:
    """What is known of the time since the meter was started; what is less than a tenth of a percent is left out."""
    totals = meter.totals
    known = {
        "measured": totals.measured_seconds,
        "bridged": totals.bridged_seconds,
        "estimated": totals.estimated_seconds,
        "unknown": totals.unknown_seconds,
    }
    whole = sum(known.values())
    if whole == 0.0:
        return "nothing counted yet"
    shares = {name: 100.0 * seconds / whole for name, seconds in known.items()}
    return ", ".join(f"{share:.1f} % {name}" for name, share in shares.items() if share >= 0.05)


def _habits(register: Register) -> list[str]:
    said = []
    if register.count_kwh >= 1.0 and register.moves > 1:
        said.append("in whole kWh")
    if register.moves >= ON_CHANGE_MOVES and register.repeats == 0 and (register.period or 0.0) > 60.0:
        said.append("sent on change only")
    elif register.period is not None and register.period > 1.5:
        said.append(f"refreshed every {span(register.period)}")
    return said
