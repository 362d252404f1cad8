"""Requests about plant meters, and the responses."""

from datetime import date
from typing import Any

from pydantic import Field

from control_api.http.downloads import Separator
from control_api.http.schemas import Day, ResponseModel, TextModel, struct_response
from control_api.plant_meters.rules import MeterResolution, MeterRow


class MetersQuery(TextModel):
    """Selects meters, days, and the length of a period."""

    first: Day | None = Field(None, alias="from", description="First day, in plant time; default: the last day")
    last: Day | None = Field(None, alias="to", description="Last day, included; default: today")
    resolution: MeterResolution = Field("total", description="Days together, or one by one, or parts of days")
    meter: str | None = Field(None, max_length=64, description="Only this meter")


class MetersCsvQuery(MetersQuery):
    separator: Separator = Field(
        "comma", description="`semicolon` adds a byte order mark and decimal commas, for spreadsheets in Europe"
    )


DESCRIPTIONS = {
    "start": "Beginning of the period, in plant time",
    "meter": "Its id in plant.toml",
    "unit": "Of all amounts in the row; base loads are per hour",
    "used": "What it counted in the quarter hours that are completely known; null if none is",
    "coverage": "Share of the quarter hours that are known, 0 to 1",
    "below": "What the meters and machines directly below it used, in the quarter hours of which both sides are known",
    "rest": "What nothing below it meters, in the same quarter hours; null where one side is unknown",
    "compared_ratio": "Share of the quarter hours that could be compared; null where nothing stands below it",
    "base_load": "The lowest hour between midnight and six; the mean of the days. Null for parts of days",
    "rest_base_load": "The same of the rest",
    "emissions_kg": "kg CO2e by tariff.media_emissions; null for electricity, and where no factor is known",
    "complaint": "What to check where those below count more than the meter itself",
}
MeterRowResponse: Any = struct_response("PlantMeterRow", MeterRow, DESCRIPTIONS)


class MetersResponse(ResponseModel):
    """Meters by time, and from the top of the tree down; meters of which nothing is known are left out."""

    first: date = Field(alias="from")
    last: date = Field(alias="to")
    resolution: MeterResolution
    time_zone: str
    rows: list[MeterRowResponse]
