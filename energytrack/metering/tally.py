"""Putting on record what a step found: energy, time and findings, each in one place."""

from typing import Final

from msgspec.structs import replace

from energytrack.metering.values import Basis, Cover, MeterFinding, Part, Step, Totals

AGAIN_SECONDS: Final = 3600.0
"""The same finding is reported once in this time."""


def counted(taken: Step, part: Part) -> Step:
    """The step with one more amount of energy."""
    if part.joules <= 0.0:
        return taken
    totals = taken.meter.totals
    verdict = part.verdict
    billed = 0.0 if verdict == "suspect" else part.joules
    idle = part.idle_joules if billed else 0.0
    totals = Totals(
        totals.opening,
        totals.measured + (billed if verdict == "measured" else 0.0),
        totals.bridged + (billed if verdict == "bridged" else 0.0),
        totals.estimated + (billed if verdict == "estimated" else 0.0),
        totals.suspect + (part.joules if verdict == "suspect" else 0.0),
        totals.idle + idle,
        totals.idle_estimated + (idle if part.idle_estimated or verdict == "estimated" else 0.0),
        totals.measured_seconds, totals.bridged_seconds, totals.estimated_seconds, totals.unknown_seconds,
    )  # fmt: skip
    return Step(replace(taken.meter, totals=totals), (*taken.parts, part), taken.covers, taken.findings)


def covered(taken: Step, until: float, basis: Basis) -> Step:
    """The step with what is known of the time up to `until`, as far as that was not decided yet."""
    meter = taken.meter
    seconds = until - meter.covered_at
    if seconds <= 0.0:
        return taken
    totals = meter.totals
    totals = Totals(
        totals.opening, totals.measured, totals.bridged, totals.estimated, totals.suspect, totals.idle,
        totals.idle_estimated,
        totals.measured_seconds + (seconds if basis == "measured" else 0.0),
        totals.bridged_seconds + (seconds if basis == "bridged" else 0.0),
        totals.estimated_seconds + (seconds if basis == "estimated" else 0.0),
        totals.unknown_seconds + (seconds if basis == "unknown" else 0.0),
    )  # fmt: skip
    cover = Cover(meter.covered_at, until, basis)
    return Step(replace(meter, totals=totals, covered_at=until), taken.parts, (*taken.covers, cover), taken.findings)


def reported(taken: Step, finding: MeterFinding) -> Step:
    """The step with a finding, unless the same was reported a short while ago; an exchange always is."""
    last_reported = dict(taken.meter.found)
    last = last_reported.get(finding.reason)
    if finding.kind == "meter_suspect" and last is not None and finding.at - last < AGAIN_SECONDS:
        return taken
    last_reported[finding.reason] = finding.at
    meter = replace(taken.meter, found=tuple(last_reported.items()))
    return Step(meter, taken.parts, taken.covers, (*taken.findings, finding))
