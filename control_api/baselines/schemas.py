"""Responses about baselines and variables."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from control_api.http.schemas import ResponseModel
from energytrack.baselines.comparison import BaselineComparison
from energytrack.baselines.course import Performance, Point
from energytrack.baselines.savings import METHOD, Saving
from energytrack.baselines.validity import Grade, grade_of
from energytrack.baselines.variables import Source, Variable
from energytrack.store.energy.baselines import Baseline, BaselineState
from energytrack.store.energy.variables import VariableSummary


class TermResponse(ResponseModel):
    """A variable in the model."""

    variable: str
    coefficient: float = Field(description="kWh per unit of the variable")
    standard_error: float
    t: float
    p_value: float
    inflation: float
    lowest: float
    highest: float


class RejectedResponse(ResponseModel):
    """A variable that was offered but is not in the model."""

    variable: str
    why: Literal["constant", "says the same as others", "does not matter"]
    p_value: float | None


class CheckResponse(ResponseModel):
    name: str
    passed: bool
    must: bool
    value: float | None
    text: str


class ExclusionResponse(ResponseModel):
    first: date
    last: date
    note: str


class AdjustmentResponse(ResponseModel):
    first: date
    last: date | None
    kwh_per_day: float
    note: str


class BaselineResponse(ResponseModel):
    """One version of a baseline, and how reliable it is."""

    baseline_id: str
    version: int
    name: str
    device_id: str | None
    line: str | None
    device_type: str | None
    hours: Literal["all", "off_shift"]
    first: date
    last: date
    offered: list[str] = Field(description="The variables that the energy might depend on")
    days: int = Field(description="Days that count")
    grade: Grade
    checks: list[CheckResponse]
    intercept: float = Field(description="kWh a day")
    terms: list[TermResponse]
    rejected: list[RejectedResponse]
    mean_kwh: float
    r_squared: float
    cv_rmse: float
    durbin_watson: float
    lag1: float
    effective_days: float
    exclusions: list[ExclusionResponse]
    adjustments: list[AdjustmentResponse]
    state: BaselineState
    approved_by: str | None = Field(description="Who stands for this version; null where nobody does yet")
    approved_at: datetime | None
    note: str
    made_by: str
    made_at: datetime


class BaselinesResponse(ResponseModel):
    baselines: list[BaselineResponse]


class PointResponse(ResponseModel):
    """One day compared with its baseline."""

    day: date
    actual_kwh: float
    expected_kwh: float
    cusum_kwh: float
    in_range: bool


class PerformanceResponse(ResponseModel):
    """Energy performance indicators (ISO 50006)."""

    kwh: float
    expected_kwh: float
    ratio: float | None
    kwh_per_part: float | None
    kwh_per_hour: float | None


class SavingResponse(ResponseModel):
    """Avoided energy; negative where more was used than expected."""

    first: date | None
    last: date | None
    days: int
    kwh: float
    half_width_kwh: float | None = Field(description="Plus or minus; null where nothing can be said")
    confidence: float
    expected_kwh: float
    actual_kwh: float
    adjusted_kwh: float
    cost: float | None
    half_width_cost: float | None
    guideline_half_width_kwh: float | None
    days_out_of_range: int
    option: Literal["A", "B"]
    why_not: str | None = Field(description="Why no saving is proved; null where it is")
    method: str = METHOD


class CourseResponse(ResponseModel):
    """Actual and expected energy by day."""

    baseline_id: str
    version: int
    currency: str
    points: list[PointResponse]
    skipped: dict[str, int] = Field(description="Days that do not count, by the reason")
    performance: PerformanceResponse
    saving: SavingResponse


class OwnVariableResponse(ResponseModel):
    name: str
    source: Source
    unit: str
    meaning: str


class KnownVariableResponse(ResponseModel):
    name: str
    source: Source
    days: int
    first: date
    last: date
    by: str
    at: datetime


class VariablesResponse(ResponseModel):
    own: list[OwnVariableResponse]
    known: list[KnownVariableResponse]


def baseline_response(baseline: Baseline) -> BaselineResponse:
    fit = baseline.fit
    return BaselineResponse.model_validate(
        {name: getattr(baseline, name) for name in baseline.__struct_fields__ if name in BaselineResponse.model_fields}
        | {name: getattr(fit, name) for name in fit.__struct_fields__ if name in BaselineResponse.model_fields}
        | {"grade": grade_of(baseline.checks)},
        from_attributes=True,
    )


def course_response(baseline: Baseline, against: BaselineComparison, currency: str) -> CourseResponse:
    return CourseResponse(
        baseline_id=baseline.baseline_id,
        version=baseline.version,
        currency=currency,
        points=[_point(point) for point in against.points],
        skipped={str(why): count for why, count in against.table.skipped.items()},
        performance=_performance(against.performance),
        saving=saving_response(against.saving),
    )


def saving_response(saving: Saving) -> SavingResponse:
    return SavingResponse.model_validate(saving, from_attributes=True)


def variables_response(own: tuple[Variable, ...], known: list[VariableSummary]) -> VariablesResponse:
    return VariablesResponse(
        own=[OwnVariableResponse.model_validate(each._asdict()) for each in own],
        known=[KnownVariableResponse.model_validate(each, from_attributes=True) for each in known],
    )


def _point(point: Point) -> PointResponse:
    return PointResponse.model_validate(point, from_attributes=True)


def _performance(performance: Performance) -> PerformanceResponse:
    return PerformanceResponse.model_validate(performance, from_attributes=True)
