"""Starts the stack: each step as soon as what it needs is ready, with readiness checks instead of pauses."""

from collections.abc import Callable, Sequence
from typing import Final, Protocol

from energytrack.clock import Clock
from local.errors import ServiceFailed
from local.lifecycle import progress
from local.lifecycle.progress import Rows
from local.services.definition import Step

PAUSE_SECONDS: Final = 0.1
"""Delay between two rounds of checks."""


class StartedStep(Protocol):
    """A step that has been started."""

    def is_ready(self) -> bool:
        """Whether it answers (a job: has ended successfully); raises ServiceFailed if it never will."""


Launch = Callable[[Step], StartedStep]


def bring_up(steps: Sequence[Step], launch: Launch, *, clock: Clock, report: Callable[[Rows], None]) -> Rows:
    """Start all steps; a failure affects only those that need the failed one. Returns the outcome of each."""
    rows = progress.begin(steps)
    running: dict[str, StartedStep] = {}
    while not progress.all_settled(rows):
        for step in progress.startable(steps, rows):
            rows[step.name] = progress.started(rows[step.name], clock.monotonic())
            running[step.name] = launch(step)
        for step in steps:
            if rows[step.name].state == "starting":
                rows[step.name] = _probed(step, rows[step.name], running[step.name], clock)
        for name, need in progress.doomed(steps, rows).items():
            rows[name] = progress.ended(rows[name], "skipped", clock.monotonic(), f"because {need} failed")
        report(rows)
        clock.sleep(PAUSE_SECONDS)
    return rows


def _probed(step: Step, row: progress.StepProgress, running: StartedStep, clock: Clock) -> progress.StepProgress:
    try:
        if running.is_ready():
            return progress.ended(row, "ready", clock.monotonic())
    except ServiceFailed as error:
        return progress.ended(row, "failed", clock.monotonic(), error.detail)
    seconds = clock.monotonic() - row.since
    if seconds > step.start_seconds:
        return progress.ended(row, "failed", clock.monotonic(), f"did not answer within {step.start_seconds:.0f} s")
    return progress.ticking(row, clock.monotonic())
