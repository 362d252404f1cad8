"""Requests for emissions, and the response."""

from datetime import datetime

from pydantic import Field

from control_api.emissions.rules import Resolution
from control_api.energy.grouping import Grouping
from control_api.http.schemas import Day, DeviceId, ResponseModel, TextModel


class EmissionsQuery(TextModel):
    """Selects machines, days, and the length of a period."""

    first: Day | None = Field(None, alias="from", description="First day, in plant time; default: 30 days ago")
    last: Day | None = Field(None, alias="to", description="Last day, included; default: today")
    by: Grouping = Field("plant", description="One row per period for each of these")
    resolution: Resolution = "day"
    device_id: DeviceId | None = Field(None, description="Only this machine")


class EmissionRowResponse(ResponseModel):
    start: datetime = Field(description="Beginning of the period, in plant time")
    name: str | None
    kwh: float
    location_kg: float | None = Field(description="kg CO2e by the grid's factor; null where none is known")
    market_kg: float | None = Field(description="kg CO2e by the contract's factor; null where none is known")
    location_unknown_kwh: float = Field(description="Energy whose factor is not known: it is not in location_kg")
    market_unknown_kwh: float
    parts: float | None = Field(description="Pieces produced; null if not counted")
    estimated_parts: float | None = Field(description="The part of them that was estimated from cycles in the current")
    location_kg_per_part: float | None = Field(
        description="Over the quarter hours whose parts are known, and whose energy as a whole; null without parts"
    )
    market_kg_per_part: float | None


class EmissionsResponse(ResponseModel):
    rows: list[EmissionRowResponse]
