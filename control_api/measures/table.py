"""Measures as rows for spreadsheets. Pure."""

from datetime import date

from msgspec import Struct

from control_api.measures.rules import Outcome


class MeasureRow(Struct, frozen=True):
    measure_id: str
    name: str
    device_id: str | None
    start: date
    end: date | None
    state: str
    expected_kwh: float | None
    saved_kwh: float | None
    plus_minus_kwh: float | None
    saved_cost: float | None
    plus_minus_cost: float | None
    is_proved: bool
    why_not: str | None
    days: int
    days_not_kept: int
    cost_of_doing: float | None
    baseline: str | None
    baseline_version: int | None
    option: str | None
    """IPMVP option: A or B."""
    text: str


def row_of(outcome: Outcome, text: str) -> MeasureRow:
    """A measure's row; `text` is its result in words."""
    measure, saving = outcome.measure, outcome.saving
    return MeasureRow(
        measure_id=measure.measure_id,
        name=measure.name,
        device_id=measure.device_id,
        start=measure.start,
        end=measure.end,
        state=measure.state,
        expected_kwh=outcome.expected_kwh,
        saved_kwh=None if saving is None else saving.kwh,
        plus_minus_kwh=None if saving is None else saving.half_width_kwh,
        saved_cost=None if saving is None else saving.cost,
        plus_minus_cost=None if saving is None else saving.half_width_cost,
        is_proved=outcome.is_proved,
        why_not=None if saving is None else saving.why_not,
        days=0 if saving is None else saving.days,
        days_not_kept=0 if outcome.kept is None else len(outcome.kept.broken),
        cost_of_doing=measure.cost_of_doing,
        baseline=outcome.baseline,
        baseline_version=outcome.version,
        option=None if saving is None else saving.option,
        text=text,
    )
