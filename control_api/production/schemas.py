"""Requests about production, and the responses."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, Field

from control_api.http.schemas import Day, DeviceId, RequestModel, ResponseModel, TextModel, TypedModel, struct_response
from control_api.production.rules import By, ProductionRow, Resolution, StopRow

Instant = Annotated[AwareDatetime, Field(strict=False)]


class MachinesQuery(TextModel):
    """Selects machines and days."""

    first: Day | None = Field(None, alias="from", description="First day, in plant time; default: the last day")
    last: Day | None = Field(None, alias="to", description="Last day, included; default: today")
    device_id: DeviceId | None = None
    line: str | None = Field(None, max_length=64)
    device_type: str | None = Field(None, max_length=64)


class ProductionQuery(MachinesQuery):
    """Selects machines and days, and how they are grouped."""

    by: By = Field("line", description="One row for each machine, for each type within each line, or for each type")
    resolution: Resolution = Field("total", description="Days together, or one by one")


class StopsQuery(MachinesQuery):
    """Selects stops."""

    unexplained: bool = Field(False, description="Only those without a reason")
    limit: int = Field(200, ge=1, le=1000)


class ReasonRequest(RequestModel):
    """Why a machine stood."""

    device_id: DeviceId
    start: Instant = Field(description="When the stop began; any moment of it will do")
    reason: str | None = Field(None, min_length=1, max_length=60, description="Code or text of a reason in plant.toml")
    note: str = Field("", max_length=500)


class ReasonQuery(TypedModel):
    """The same as a query string, for buttons that cannot send JSON."""

    reason: str | None = Field(None, max_length=60)
    note: str | None = Field(None, max_length=500)


DESCRIPTIONS = {
    "date": "The day; null for all days together",
    "machines_complete": "Machines whose OEE is known; that of the row is theirs, weighted by their time",
    "oee": "availability x performance x quality (ISO 22400-2); null where one of them is not known",
    "availability": "Running time over planned time, of the time that is known; null if less than half is",
    "performance": "Parts at the ideal cycle over running time; above 1 if the ideal cycle is set too long",
    "quality": "Good parts over parts; null if rejected parts are not counted",
    "coverage": "Share of the planned time of which it is known what the machine did",
    "planned_seconds": "Shifts without breaks and planned down time, while the machine was there",
    "unknown_seconds": "Planned time for which the machine's state is unknown: part of no ratio",
    "estimated_seconds": "Known planned time that was inferred from the current",
    "parts": "Parts produced, in quarter hours with planned time; null if unknown",
    "estimated_parts": "The part of them that was estimated from cycles in the current, not counted",
    "parts_from": "Source of the parts: the machine's counter, events about finished parts, a file, cycles in the "
    "current",
    "cycle_seconds": "The ideal cycle; null if it is not known or differs",
    "stops": "Those that began in this time",
    "stop_seconds": "Planned time that stops took, also those that began before",
    "seconds": "Planned time in the stop; breaks are left out",
    "state": "The gravest of the states that the machine was in",
    "is_open": "The machine still stands",
    "reason": "Code; null until somebody gives one",
    "given_by": "Who gave it; null where the machine tells it by its state",
}
ProductionRowResponse: Any = struct_response("ProductionRow", ProductionRow, DESCRIPTIONS)
StopResponse: Any = struct_response("Stop", StopRow, DESCRIPTIONS)


class ProductionResponse(ResponseModel):
    rows: list[ProductionRowResponse]


class StopReasonResponse(ResponseModel):
    """A reason that operators can give."""

    code: str
    text: str
    planned: bool


class LossResponse(ResponseModel):
    """The total time of stops for one reason."""

    code: str | None
    text: str
    planned: bool
    stops: int
    seconds: float
    share: float
    cumulative: float
    cost: float | None = Field(description="By [costs] of plant.toml; null for planned reasons, and if unknown")


class StopsResponse(ResponseModel):
    """Stops, those without a reason first, and their total time."""

    stops: list[StopResponse]
    found: int = Field(description="How many there are, beyond the limit as well")
    reasons: list[StopReasonResponse]
    pareto: list[LossResponse] = Field(description="By reason, the longest first")
    micro_stops: int
    micro_stop_seconds: float
    currency: str


class StopExplanationResponse(ResponseModel):
    """A reason that somebody gave."""

    reason_id: str
    device_id: str
    start: datetime
    code: str
    note: str
    by: str
    at: datetime
