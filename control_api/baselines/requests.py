"""Requests about baselines and variables."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from control_api.baselines.rules import MOST_VARIABLES
from control_api.baselines.service import Changes
from control_api.http.schemas import Day, DeviceId, RequestModel, TextModel
from energytrack.baselines.course import Adjustment
from energytrack.baselines.observations import Exclusion

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
    """A non-routine adjustment: energy per day that the baseline cannot predict."""

    first: Day
    last: Day | None = None
    kwh_per_day: float = Field(ge=-1e7, le=1e7, description="Added to what is expected")
    note: Note

    def adjustment(self) -> Adjustment:
        return Adjustment(self.first, self.last, self.kwh_per_day, self.note)


class BaselineRequest(RequestModel):
    """A new baseline: the energy, the period, and the variables that it may depend on."""

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
    """A new version; fields that are left out keep their values."""

    version: int = Field(ge=1, description="The version that you have seen")
    first: Day | None = None
    last: Day | None = None
    variables: list[VariableName] | None = Field(None, max_length=MOST_VARIABLES)
    exclusions: list[ExclusionRequest] | None = Field(None, max_length=50)
    adjustments: list[AdjustmentRequest] | None = Field(None, max_length=50)
    note: Note
    dry_run: bool = Field(False, description="Only show what it would be")

    def changes(self) -> Changes:
        """The changes that were requested."""
        return Changes(
            first=self.first,
            last=self.last,
            variables=self.variables,
            exclusions=None if self.exclusions is None else [each.exclusion() for each in self.exclusions],
            adjustments=None if self.adjustments is None else [each.adjustment() for each in self.adjustments],
        )


class RetireBaselineRequest(RequestModel):
    version: int = Field(ge=1, description="The version that you have seen")
    note: Note


class ApproveBaselineRequest(RequestModel):
    version: int = Field(ge=1, description="The version that you have seen")
    note: Note


class BaselinePath(TextModel):
    baseline_id: str = Field(min_length=1, max_length=64)


class BaselinesQuery(TextModel):
    retired: bool = Field(False, description="Retired ones too")


class CourseQuery(TextModel):
    """The days to compare."""

    first: Day | None = Field(None, alias="from", description="The day after the baseline period by default")
    last: Day | None = Field(None, alias="to", description="Yesterday by default")
    version: int | None = Field(None, ge=1, description="The newest by default")


class DayValue(RequestModel):
    day: Day
    value: float = Field(ge=-1e12, le=1e12)


class ValuesRequest(RequestModel):
    """Values of a variable by local day; a later value of the same day replaces the earlier one."""

    name: OwnName
    values: list[DayValue] = Field(min_length=1, max_length=1000)


class VariableFileQuery(TextModel):
    """Whether several values of a day are averaged or added up."""

    together: Literal["mean", "sum"] = "mean"
    zone: str | None = Field(None, max_length=64)
    date_order: Literal["dmy", "mdy", "ymd"] | None = None
    decimal: Literal[".", ","] | None = None
