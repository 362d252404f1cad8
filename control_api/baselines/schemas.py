"""Requests about baselines and variables, and the answers."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from control_api.baselines.rules import MOST_VARIABLES
from control_api.baselines.service import Changes
from control_api.http.schemas import DeviceId, RequestModel, ResponseModel, TextModel
from energytrack.baselines.comparison import Against
from energytrack.baselines.course import Adjustment, Performance, Point
from energytrack.baselines.observations import Exclusion
from energytrack.baselines.savings import METHOD, Saving
from energytrack.baselines.validity import Grade, grade_of
from energytrack.baselines.variables import Source, Variable
from energytrack.store.operations.baselines import Baseline, BaselineState
from energytrack.store.operations.variables import Known

Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2199, 12, 31), strict=False)]
Name = Annotated[str, Field(min_length=1, max_length=100)]
Note = Annotated[str, Field(min_length=1, max_length=500)]
VariableName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_.:-]*(/[a-z][a-z0-9_]*)?$", max_length=100)]
OwnName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]


class ExclusionRequest(RequestModel):
    """Days that do not count."""

    first: Day
    last: Day
    note: Note

    def exclusion(self) -> Exclusion:
        return Exclusion(self.first, self.last, self.note)


class AdjustmentRequest(RequestModel):
    """A non-routine adjustment: energy per day that the baseline cannot know."""

    first: Day
    last: Day | None = None
    kwh_per_day: float = Field(ge=-1e7, le=1e7, description="Added to what is expected")
    note: Note

    def adjustment(self) -> Adjustment:
        return Adjustment(self.first, self.last, self.kwh_per_day, self.note)


class BaselineRequest(RequestModel):
    """Which energy, of which time, and what it might depend on."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"device_id": "press-0003", "hours": "off_shift", "first": "2026-09-01", "last": "2026-10-31",
                 "variables": ["off_shift_hours"], "note": "before the night shutdown"}
            ]
        }
    )  # fmt: skip

    name: Name | None = None
    device_id: DeviceId | None = None
    line: Name | None = None
    device_type: Name | None = None
    hours: Literal["all", "off_shift"] = "all"
    first: Day
    last: Day
    variables: list[VariableName] = Field(default=[], max_length=MOST_VARIABLES)
    exclusions: list[ExclusionRequest] = Field(default=[], max_length=50)
    note: Note
    dry_run: bool = Field(False, description="Only show what it would be")


class VersionRequest(RequestModel):
    """A new version; what is left out stays as it was."""

    version: int = Field(ge=1, description="The version that you have seen")
    first: Day | None = None
    last: Day | None = None
    variables: list[VariableName] | None = Field(None, max_length=MOST_VARIABLES)
    exclusions: list[ExclusionRequest] | None = Field(None, max_length=50)
    adjustments: list[AdjustmentRequest] | None = Field(None, max_length=50)
    note: Note

    def changes(self) -> Changes:
        """What it asks for."""
        return Changes(
            first=self.first,
            last=self.last,
            variables=self.variables,
            exclusions=None if self.exclusions is None else [each.exclusion() for each in self.exclusions],
            adjustments=None if self.adjustments is None else [each.adjustment() for each in self.adjustments],
        )


class RetireRequest(RequestModel):
    version: int = Field(ge=1, description="The version that you have seen")
    note: Note


class BaselinePath(TextModel):
    baseline_id: str = Field(min_length=1, max_length=64)


class BaselinesQuery(TextModel):
    retired: bool = Field(False, description="Retired ones too")


class CourseQuery(TextModel):
    """Which days."""

    first: Day | None = Field(None, alias="from", description="The day after the baseline period by default")
    last: Day | None = Field(None, alias="to", description="Yesterday by default")
    version: int | None = Field(None, ge=1, description="The newest by default")


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
    """A variable that was offered and is not in the model."""

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
    """One version of a baseline, and how far to rely on it."""

    baseline_id: str
    version: int
    name: str
    device_id: str | None
    line: str | None
    device_type: str | None
    hours: Literal["all", "off_shift"]
    first: date
    last: date
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
    note: str
    made_by: str
    made_at: datetime


class BaselinesResponse(ResponseModel):
    baselines: list[BaselineResponse]


class PointResponse(ResponseModel):
    """One day against its baseline."""

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
    half_width_kwh: float | None = Field(description="Plus or minus; null where nothing can be told")
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
    """Actual beside expected energy, day by day."""

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


class DayValue(RequestModel):
    day: Day
    value: float = Field(ge=-1e12, le=1e12)


class ValuesRequest(RequestModel):
    """Values of a variable by local day; a later value of the same day replaces the earlier one."""

    name: OwnName
    values: list[DayValue] = Field(min_length=1, max_length=1000)


class VariableFileQuery(TextModel):
    """How a file's columns become variables: of several values of a day, their mean or their sum."""

    together: Literal["mean", "sum"] = "mean"
    zone: str | None = Field(None, max_length=64)
    date_order: Literal["dmy", "mdy", "ymd"] | None = None
    decimal: Literal[".", ","] | None = None


def baseline_response(baseline: Baseline) -> BaselineResponse:
    fit = baseline.fit
    return BaselineResponse.model_validate(
        {name: getattr(baseline, name) for name in baseline.__struct_fields__ if name in BaselineResponse.model_fields}
        | {name: getattr(fit, name) for name in fit.__struct_fields__ if name in BaselineResponse.model_fields}
        | {"grade": grade_of(baseline.checks)},
        from_attributes=True,
    )


def course_response(baseline: Baseline, against: Against, currency: str) -> CourseResponse:
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


def variables_response(own: tuple[Variable, ...], known: list[Known]) -> VariablesResponse:
    return VariablesResponse(
        own=[OwnVariableResponse.model_validate(each._asdict()) for each in own],
        known=[KnownVariableResponse.model_validate(each, from_attributes=True) for each in known],
    )


def _point(point: Point) -> PointResponse:
    return PointResponse.model_validate(point, from_attributes=True)


def _performance(performance: Performance) -> PerformanceResponse:
    return PerformanceResponse.model_validate(performance, from_attributes=True)
