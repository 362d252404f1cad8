"""Compares a meter's values with what physics expects. Pure.

In a three-phase system the power of each phase is U * I * pf with a power factor of at most 1, the total is their sum,
and the register rises by the power over time. Wrong wiring, scaling or reading contradicts one of these.
"""

from collections.abc import Sequence
from typing import Final

from gateway.physics.energy import register, total
from gateway.physics.finding import Finding, Grade, MeterSnapshot, phases_of
from gateway.physics.readable import unreadable, voltages
from gateway.physics.wiring import currents, wiring
from gateway.profile import MeterProfile

ORDER: Final[dict[Grade, int]] = {"wrong": 0, "unproven": 1, "ok": 2}


def findings(profile: MeterProfile, snapshots: Sequence[MeterSnapshot]) -> list[Finding]:
    """All findings about a meter from some snapshots, problems first."""
    last = snapshots[-1].values
    broken = unreadable(profile, snapshots[-1])
    if broken:
        return broken
    phases = phases_of(last)
    problems = [*voltages(last), *currents(phases), *wiring(phases), *total(last, phases), *register(snapshots)]
    return sorted(problems, key=lambda finding: ORDER[finding.grade])
