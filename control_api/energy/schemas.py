"""Requests for energy and decisions about it, and the responses."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import Field

from control_api.energy.grouping import Grouping
from control_api.energy.rules import EnergyRow, Resolution, SuspectPeriod
from control_api.energy.service import EnergySelection
from control_api.http.downloads import Separator
from control_api.http.schemas import (
    Day,
    DeviceId,
    PageSize,
    Reason,
    RequestModel,
    ResponseModel,
    TextModel,
    struct_response,
)
from energytrack.ledger.correction import Correction, Decision
from energytrack.metering.reasons import Reason as MeterReason


class EnergyQuery(TextModel):
    """Selects machines, days, and the length of a period."""

    first: Day | None = Field(None, alias="from", description="First day, in plant time; default: 30 days ago")
    last: Day | None = Field(None, alias="to", description="Last day, included; default: today")
    by: Grouping = Field("plant", description="One row per period for each of these")
    resolution: Resolution = "day"
    device_id: DeviceId | None = Field(None, description="Only this machine")
    line: str | None = Field(None, max_length=64, description="Only machines of this line")
    device_type: str | None = Field(None, max_length=64, description="Only machines of this type")

    def selection(self) -> EnergySelection:
        return EnergySelection(self.device_id, self.line, self.device_type)


class EnergyCsvQuery(EnergyQuery):
    separator: Separator = Field(
        "comma", description="`semicolon` adds a byte order mark and decimal commas, for spreadsheets in Europe"
    )


class SuspectsQuery(TextModel):
    first: Day | None = Field(None, alias="from", description="First day, in plant time; default: 30 days ago")
    last: Day | None = Field(None, alias="to", description="Last day, included; default: today")


class CorrectionsQuery(TextModel):
    """Which decisions, newest first."""

    device_id: DeviceId | None = None
    limit: PageSize = 50
    before: str | None = Field(None, max_length=64, description="`next` of the previous page")


class CorrectionRequest(RequestModel):
    """A decision about some quarter hours of a machine."""

    device_id: DeviceId
    start: datetime = Field(strict=False, description="Beginning of the first quarter hour, with its zone")
    end: datetime = Field(strict=False, description="End of the last quarter hour")
    decision: Decision = Field(
        description="accept: the suspect energy was used. reject: it was not. value: kwh was used, whatever the meter "
        "says. withdraw: what the meter says holds again"
    )
    kwh: float | None = Field(
        None, ge=0, allow_inf_nan=False, description="With `value`: energy of the whole time, spread evenly over it"
    )
    reason: Reason


DESCRIPTIONS = {
    "start": "Beginning of the period, in plant time",
    "since": "When the first reading of the row's machines arrived, if that was within the period: time before counts "
    "nowhere",
    "name": "The machine, line or type; null for the plant, or where it is not known",
    "kwh": "What counts: measured, bridged, estimated, imported and corrected; null where nothing is known",
    "cost": "Of the energy that has a price; null where none has",
    "idle_kwh": "The part of it used while idle; null where nobody can tell",
    "suspect_kwh": "Waits for a decision and is in no other figure",
    "corrected_kwh": "What people decided",
    "imported_kwh": "From imported files, where nothing was measured",
    "parts": "Parts produced, by the machines' counters, events, files, or cycles in the current; null where nobody "
    "knows any",
    "estimated_parts": "The part of them that was estimated from cycles in the current, not counted",
    "parts_from": "Source of the parts: the machine's counter, events about finished parts, a file, cycles in the "
    "current; without those from before a release that notes it",
    "scrap": "The rejected ones among them; null where nobody counted those",
    "kwh_per_part": "Energy per part, over the quarter hours whose parts are known, and whose energy as a whole; null "
    "without parts. An estimate as far as estimated_parts is one",
    "cost_per_part": "Cost of energy per part, if there is a price",
    "unpriced_kwh": "Energy that counts and has no price: it is not in the cost",
    "coverage": "Share of the time of which the energy is known, 0 to 1; a machine counts from its first reading until "
    "it is retired",
}
EnergyRowResponse: Any = struct_response("EnergyRow", EnergyRow, DESCRIPTIONS)


class EnergyResponse(ResponseModel):
    """Energy by period and group, by time and then by name; periods without energy are left out."""

    first: date = Field(alias="from")
    last: date = Field(alias="to")
    by: Grouping
    resolution: Resolution
    currency: str
    time_zone: str
    rows: list[EnergyRowResponse]


class SuspectResponse(ResponseModel):
    """Consecutive quarter hours with energy that waits for a decision."""

    device_id: str
    line: str | None
    start: datetime
    end: datetime
    suspect_kwh: float
    counted_kwh: float | None = Field(description="What counts in this time as it is; null where nothing is known")
    unit: str = Field(description="Of both amounts: kWh, or the unit of the plant meter")
    is_meter: bool = Field(description="Whether it is a plant meter")
    reasons: list[MeterReason]
    text: str = Field(description="What it looks like, and what to do")


class SuspectsResponse(ResponseModel):
    suspects: list[SuspectResponse] = Field(description="The newest first")


class CorrectionResponse(ResponseModel):
    """A decision. Decisions are never changed: a later one about the same time replaces it."""

    correction_id: str
    device_id: str
    start: datetime
    end: datetime
    decision: Literal["accept", "reject", "value", "withdraw"]
    unit: str = Field(description="Of the amounts: kWh, or the unit of the plant meter")
    is_meter: bool = Field(description="Whether it is a plant meter")
    kwh: float | None
    before_kwh: float | None = Field(description="What counted in this time before")
    after_kwh: float | None
    reason: str
    decided_by: str
    role: str
    address: str
    decided_at: datetime


class CorrectionsResponse(ResponseModel):
    """A page of decisions."""

    corrections: list[CorrectionResponse]
    next: str | None = Field(description="`before` of the next page; null on the last one")


def suspect_response(stretch: SuspectPeriod) -> SuspectResponse:
    return SuspectResponse.model_validate(stretch, from_attributes=True)


def correction_response(correction: Correction, unit: str, *, is_meter: bool) -> CorrectionResponse:
    values = {name: getattr(correction, name) for name in correction.__struct_fields__ if name != "suspect_kwh"}
    return CorrectionResponse.model_validate(values | {"unit": unit, "is_meter": is_meter})
