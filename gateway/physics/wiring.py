"""Checks currents, and the wiring by each phase's power factor. Pure."""

from collections.abc import Sequence
from typing import Final

from gateway.physics.finding import NOTHING_FLOWS, SCALES, TOLERANCE, Finding, Phase

MOST_AMPERES: Final = 10_000.0
SWAP_TOLERANCE: Final = 0.12
LEAST_FACTOR: Final = 0.01
"""Even an idle transformer has more."""


def currents(phases: Sequence[Phase]) -> list[Finding]:
    """Whether current flows, in all phases, in amperes."""
    flowing = [phase for phase in phases if abs(phase.amperes) > NOTHING_FLOWS]
    if not flowing:
        text = "no current flows, so nothing about wiring and scale can be judged"
        return [Finding("unproven", "current", text, "switch the machine on and check again")]
    problems = [
        Finding("wrong", f"current {phase.name}", f"{phase.amperes:.4g} A: is that milliamperes?",
                f"--scale current_{phase.name.lower()}=0.001")
        for phase in phases if abs(phase.amperes) > MOST_AMPERES
    ]  # fmt: skip
    if len(phases) == 3 and len(flowing) == 2:
        (silent,) = (phase.name for phase in phases if phase not in flowing)
        text = "no current, while it flows in the other two phases"
        remedy = "a fuse, a transformer that is not connected, or a machine on two phases"
        problems.append(Finding("unproven", f"current {silent}", text, remedy))
    return problems


def wiring(phases: Sequence[Phase]) -> list[Finding]:
    """Wrong scales, and reversed and swapped transformers, from each phase's power factor."""
    judged = [phase for phase in phases if abs(phase.amperes) > NOTHING_FLOWS and phase.factor is not None]
    if not judged:
        return []
    swapped = _swapped(judged)
    return _scales(judged) or ([swapped] if swapped else []) or _signs(judged) or [_right(judged)]


def _right(judged: Sequence[Phase]) -> Finding:
    return Finding("ok", "wiring", "power factors " + ", ".join(f"{p.name} {p.factor:.2f}" for p in judged))


def _scales(judged: Sequence[Phase]) -> list[Finding]:
    """A power factor above 1, or near 0, in any phase."""
    problems = []
    for phase in judged:
        ratio, apparent = abs(phase.factor or 0.0), phase.volts * abs(phase.amperes)
        text = f"{phase.watts:.4g} W is {ratio:.3g} times U * I = {apparent:.4g} VA"
        if ratio > 1 + TOLERANCE:
            scale = next((scale for scale in SCALES[::-1] if 0.2 <= ratio * scale <= 1 + TOLERANCE), None)
            flag = f": --scale power_{phase.name.lower()}={scale:g}" if scale else ""
            problems.append(
                Finding("wrong", f"power {phase.name}", text, f"power or current has the wrong scale{flag}")
            )
        elif ratio < LEAST_FACTOR and apparent > 100:
            remedy = f"kW instead of W? --scale power_{phase.name.lower()}=1000"
            problems.append(Finding("wrong", f"power {phase.name}", text, remedy))
    return problems


def _signs(judged: Sequence[Phase]) -> list[Finding]:
    negative = [phase for phase in judged if (phase.factor or 0.0) < -0.05]
    if negative and len(negative) == len(judged):
        remedy = "the transformers are reversed, or the machine feeds back into the network"
        return [Finding("wrong", "power", "every phase's power is negative", remedy)]
    return [
        Finding("wrong", f"power {phase.name}", f"{phase.watts:.4g} W, negative while other phases are positive",
                f"turn the current transformer of {phase.name} around (or swap its two wires)")
        for phase in negative
    ]  # fmt: skip


def _swapped(judged: Sequence[Phase]) -> Finding | None:
    """Two currents that are measured in each other's phase.

    Their angles are then off by 120 degrees, one forward and one back: cos(a - 120) + cos(a + 120) = -cos(a), so the
    three power factors add up to nothing. Up to 30 degrees of lag the swapped ones are the two negative ones; beyond,
    one is negative, and either other may be its partner.
    """
    factors = [phase.factor or 0.0 for phase in judged]
    if len(judged) != 3 or max(factors) < 0.25 or abs(sum(factors)) > SWAP_TOLERANCE:
        return None
    negative = [phase.name for phase in judged if (phase.factor or 0.0) < 0]
    others = [phase.name for phase in judged if phase.name not in negative]
    pairs = [negative] if len(negative) == 2 else [[negative[0], other] for other in others]
    which = " or ".join(" and ".join(pair) for pair in pairs)
    shown = ", ".join(f"{phase.name} {phase.factor:.2f}" for phase in judged)
    return Finding("wrong", "wiring", f"the power factors are {shown}: {which} are measured in each other's phase",
                   f"swap the current transformers (or the voltage taps) of {which}")  # fmt: skip
