"""A meter in words, for the page of its machine."""

from typing import Final

from energytrack.errors import span
from energytrack.metering.reasons import EXPLANATIONS
from energytrack.metering.values import Meter, Register

ON_CHANGE_MOVES: Final = 20
"""So many moves without a value that came twice, and the gateway sends a value only when it has changed."""


def described(meter: Meter, coverage: str) -> str:
    """The register, how it is refreshed, the coverage of today, and what to do if the register is not believed."""
    register = meter.register
    phrases = ["No register"] if register is None else [f"Register {register.kwh:,.1f} kWh", *_habits(register)]
    sentences = [f"{', '.join(phrases)}; {coverage}."]
    if meter.distrust is not None:
        explanation = EXPLANATIONS[meter.distrust.reason]
        sentences += [explanation.words, explanation.mend]
    elif meter.doubt is not None:
        sentences.append(f"It shows {meter.doubt.kwh:,.1f} kWh at present, which does not fit; what follows will tell.")
    return " ".join(sentences)


def _habits(register: Register) -> list[str]:
    phrases = []
    if register.count_kwh >= 1.0 and register.moves > 1:
        phrases.append("in whole kWh")
    if register.moves >= ON_CHANGE_MOVES and register.repeats == 0 and (register.period or 0.0) > 60.0:
        phrases.append("sent on change only")
    elif register.period is not None and register.period > 1.5:
        phrases.append(f"refreshed every {span(register.period)}")
    return phrases
