"""The progress of a start: which step waits, starts, is ready or failed. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from local.services.definition import Step

State = Literal["waiting", "starting", "ready", "failed", "skipped"]


@dataclass(frozen=True)
class StepProgress:
    """One step of the start."""

    name: str
    purpose: str
    state: State = "waiting"
    since: float = 0.0
    """When it was started, seconds of the clock."""
    seconds: float = 0.0
    """How long it took, or has taken so far."""
    detail: str = ""
    """What it waits for, or why it failed."""


Rows = Mapping[str, StepProgress]


def begin(steps: Iterable[Step]) -> dict[str, StepProgress]:
    """A row for each step, all waiting."""
    return {step.name: StepProgress(step.name, step.purpose, detail=_needs(step.needs)) for step in steps}


def startable(steps: Sequence[Step], rows: Rows) -> list[Step]:
    """The waiting steps whose needs are all ready."""
    return [
        step
        for step in steps
        if rows[step.name].state == "waiting" and all(rows[need].state == "ready" for need in step.needs)
    ]


def doomed(steps: Sequence[Step], rows: Rows) -> dict[str, str]:
    """The waiting steps that can no longer start, each with the failed step that it needs."""
    hopeless = {name for name, row in rows.items() if row.state in {"failed", "skipped"}}
    return {
        step.name: next(need for need in step.needs if need in hopeless)
        for step in steps
        if rows[step.name].state == "waiting" and hopeless.intersection(step.needs)
    }


def started(row: StepProgress, now: float) -> StepProgress:
    """The row of a step that has just been started."""
    return replace(row, state="starting", since=now, seconds=0.0, detail="")


def ended(row: StepProgress, state: State, now: float, detail: str = "") -> StepProgress:
    """The row of a step whose start has ended, successfully or not."""
    return replace(row, state=state, seconds=now - row.since if row.state == "starting" else 0.0, detail=detail)


def ticking(row: StepProgress, now: float, detail: str = "") -> StepProgress:
    """The row of a step that is still starting."""
    return replace(row, seconds=now - row.since, detail=detail)


def all_settled(rows: Rows) -> bool:
    """Whether no step waits or starts any more."""
    return not any(row.state in {"waiting", "starting"} for row in rows.values())


def _needs(needs: tuple[str, ...]) -> str:
    return f"needs {', '.join(needs)}" if needs else ""
