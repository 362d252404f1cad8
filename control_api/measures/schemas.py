"""Requests about measures, and the responses."""

from datetime import date, datetime
from typing import Annotated, Final, Literal

from pydantic import Field

from control_api.baselines.requests import Name, Note
from control_api.baselines.schemas import SavingResponse, saving_response
from control_api.http.schemas import Day, DeviceId, Reason, RequestModel, ResponseModel, TextModel, TypedModel
from control_api.measures.rules import Outcome, sentence
from control_api.schedules.schemas import CLOCK_TIME
from energytrack.store.energy.measures import MeasureState

Kwh = Annotated[float, Field(ge=-1e9, le=1e9)]
Amount = Annotated[float, Field(ge=0, le=1e12)]
AT: Final = "Plant time; after the last shift by default"
UNTIL: Final = "Plant time at which it is restarted on the line's next working day; by default it stays off"


class AcceptRequest(RequestModel):
    """Accept the recommendation to shut a machine down after work."""

    device_id: DeviceId
    reason: Reason | None = None
    at: str | None = Field(None, pattern=CLOCK_TIME, description=AT)
    until: str | None = Field(None, pattern=CLOCK_TIME, description=UNTIL)


class AcceptQuery(TypedModel):
    """The same by query string, for buttons that cannot send JSON; empty means left out."""

    reason: str | None = Field(None, max_length=500)
    at: str | None = Field(None, pattern=rf"^$|{CLOCK_TIME}", description=AT)
    until: str | None = Field(None, pattern=rf"^$|{CLOCK_TIME}", description=UNTIL)


class MeasureRequest(RequestModel):
    """A measure that is not a recommended shutdown."""

    name: Name
    baseline_id: str = Field(min_length=1, max_length=64)
    start: Day = Field(description="The first whole day on which it held")
    expected_kwh_per_day: Kwh | None = None
    cost_of_doing: Amount | None = None
    note: Note


class MeasureChangeRequest(RequestModel):
    """Fields that are left out keep their values."""

    baseline_id: str | None = Field(None, min_length=1, max_length=64)
    expected_kwh_per_day: Kwh | None = None
    expected_cost_per_day: Kwh | None = None
    cost_of_doing: Amount | None = None
    note: Note


class EndRequest(RequestModel):
    note: Note
    undo: bool = Field(False, description="Delete its schedule as well")


class MeasurePath(TextModel):
    measure_id: str = Field(min_length=1, max_length=64)


class MeasureChangeResponse(ResponseModel):
    """A change by a person."""

    at: datetime
    deed: Literal["opened", "changed", "ended"]
    by: str
    note: str


class MeasureResponse(ResponseModel):
    """A measure and its result so far."""

    measure_id: str
    name: str
    text: str = Field(description="What it has come to, in a sentence")
    device_id: str | None
    recommendation: str | None
    schedule_id: str | None
    restart_schedule_id: str | None = Field(description="The schedule that ends each shutdown; null where nothing does")
    baseline_id: str | None
    baseline: str | None
    baseline_version: int | None
    start: date
    end: date | None
    state: MeasureState
    expected_kwh_per_day: float | None
    expected_cost_per_day: float | None
    expected_kwh: float | None = Field(description="Of the days that count")
    cost_of_doing: float | None
    is_proved: bool
    saving: SavingResponse | None
    kept_days: int | None = Field(description="Days on which at least half of the expected saving was saved")
    broken: list[date] = Field(description="Days on which it was not: somebody left the machine on")
    is_broken: bool = Field(description="Undone, or not kept on the last two days")
    undone: str | None = Field(description="Who took back what it did, in a sentence")
    log: list[MeasureChangeResponse]


class MeasuresResponse(ResponseModel):
    currency: str
    measures: list[MeasureResponse]


def measure_response(outcome: Outcome, currency: str) -> MeasureResponse:
    measure, saving, kept = outcome.measure, outcome.saving, outcome.kept
    fields = {name: getattr(measure, name) for name in measure.__struct_fields__ if name != "log"}
    return MeasureResponse.model_validate(
        fields
        | {
            "text": sentence(outcome, currency),
            "baseline": outcome.baseline,
            "baseline_version": outcome.version,
            "expected_kwh": outcome.expected_kwh,
            "is_proved": outcome.is_proved,
            "saving": None if saving is None else saving_response(saving),
            "kept_days": None if kept is None else kept.kept_days,
            "broken": [] if kept is None else list(kept.broken),
            "is_broken": outcome.is_broken,
            "undone": outcome.undone,
            "log": [{name: getattr(deed, name) for name in MeasureChangeResponse.model_fields} for deed in measure.log],
        }
    )
