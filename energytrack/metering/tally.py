"""Records what a step found: energy, time and findings, each in one place."""

from typing import Final

from msgspec.structs import replace

from energytrack.metering.values import Basis, CoverageSpan, EnergyPart, Meter, MeterFinding, Step

AGAIN_SECONDS: Final = 3600.0
"""The same finding is reported at most once in this time."""


def counted(taken: Step, part: EnergyPart) -> Step:
    """The step with one more amount of energy."""
    joules, verdict = part.joules, part.verdict
    if joules <= 0.0:
        return taken
    meter = taken.meter
    if verdict == "measured":
        meter = replace(meter, measured=meter.measured + joules)
    else:
        meter = recorded(meter, **{verdict: getattr(meter.record, verdict) + joules})
    if part.idle_joules and verdict != "suspect":
        idle = part.idle_joules
        guessed = idle if part.idle_estimated or verdict == "estimated" else 0.0
        meter = replace(meter, idle_joules=meter.idle_joules + idle, idle_estimated=meter.idle_estimated + guessed)
    return Step(meter, (*taken.parts, part), taken.covers, taken.findings)


def covered(taken: Step, until: float, basis: Basis) -> Step:
    """The step with the coverage of the time up to `until`, if that was not decided yet."""
    meter = taken.meter
    since = meter.covered_at
    seconds = until - since
    if seconds <= 0.0:
        return taken
    if basis == "measured":
        meter = replace(meter, measured_seconds=meter.measured_seconds + seconds, covered_at=until)
    else:
        column = f"{basis}_seconds"
        meter = recorded(replace(meter, covered_at=until), **{column: getattr(meter.record, column) + seconds})
    return Step(meter, taken.parts, (*taken.covers, CoverageSpan(since, until, basis)), taken.findings)


def reported(taken: Step, finding: MeterFinding) -> Step:
    """The step with a finding, unless the same was reported recently; an exchange is always reported."""
    found = dict(taken.meter.record.found)
    last = found.get(finding.reason)
    if finding.kind == "meter_suspect" and last is not None and finding.at - last < AGAIN_SECONDS:
        return taken
    found[finding.reason] = finding.at
    meter = recorded(taken.meter, found=tuple(found.items()))
    return Step(meter, taken.parts, taken.covers, (*taken.findings, finding))


def recorded(meter: Meter, **changes: object) -> Meter:
    """The meter with something new on its record."""
    return replace(meter, record=replace(meter.record, **changes))
