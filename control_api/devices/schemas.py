"""Requests about machines and their history, and the responses."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from msgspec.structs import asdict
from pydantic import Field

from control_api.devices.rules import Machine, MachineMeter, SortKey
from control_api.http.schemas import (
    LockResponse,
    OrderResponse,
    PageSize,
    ResponseModel,
    TextModel,
    lock_response,
    order_response,
)
from energytrack.errors import span
from energytrack.fields import State, StopTime
from energytrack.messages import Insight, Reading
from energytrack.metering.reasons import EXPLANATIONS, Reason


class DevicesQuery(TextModel):
    """Filter, order and offset."""

    line: str | None = Field(None, max_length=64)
    device_type: str | None = Field(None, max_length=64)
    state: State | None = None
    min_risk: Annotated[float, Field(ge=0, le=1)] | None = Field(None, description="Minimum failure probability")
    locked: bool | None = None
    silent: bool | None = Field(None, description="Only silent machines, or only others")
    text: str | None = Field(None, max_length=64, description="Part of the id, type or line, ignoring case")
    sort: SortKey = "device_id"
    descending: bool = False
    limit: PageSize = 100
    offset: int = Field(0, ge=0, le=1_000_000)


class HistoryQuery(TextModel):
    minutes: int = Field(60, ge=1, le=24 * 60, description="How far back")


class LikelyModeResponse(ResponseModel):
    """A failure mode that a machine at risk may be heading for."""

    mode: str
    share: float = Field(description="How likely this mode is if the machine fails")


class RemainingLifeResponse(ResponseModel):
    """How long a machine has until it fails: eight of ten machines in this state, at least, failed in the interval."""

    at_least_hours: float
    at_most_hours: float | None = Field(description="Null if the end lies beyond what the model's record reaches")


class LikelyComponentResponse(ResponseModel):
    """A component that may be what fails in a machine at risk."""

    component: str
    share: float = Field(description="How likely this component is if the machine fails")


class StopOptionResponse(ResponseModel):
    """A time to stop a machine at risk, and the expected cost, including failures before it."""

    when: StopTime
    expected_cost: float = Field(description="In the currency of the tariff")
    at: datetime | None = Field(description="Null for running on")


class FactorResponse(ResponseModel):
    """A feature's contribution to a failure probability."""

    feature: str
    contribution: float
    text: str


class RecommendationResponse(ResponseModel):
    code: str
    text: str


class KnownSecondsResponse(ResponseModel):
    """Seconds of today, by how their energy is known."""

    measured: float
    bridged: float
    estimated: float
    imported: float
    corrected: float
    unknown: float


class MeterResponse(ResponseModel):
    """A machine's meter; the page makes a sentence of it in its language."""

    register_kwh: float | None = Field(description="Null where there is no register")
    in_whole_kwh: bool
    on_change_only: bool = Field(description="The gateway sends a value only when it has changed")
    refresh_seconds: float | None = Field(description="Null where every reading has a fresh one, or not known yet")
    distrust: Reason | None = Field(description="Why the register is not trusted")
    distrust_text: str | None = Field(description="The same in words, and what to do")
    doubt_kwh: float | None = Field(description="What it shows at present, where that does not fit")
    known_seconds: KnownSecondsResponse
    since: datetime | None = Field(description="Time of the machine's first reading, if that was today; plant time")


class DeviceResponse(ResponseModel):
    """A machine's current state; null if a value is unknown."""

    device_id: str
    device_type: str | None
    line: str | None
    state: State | None
    state_since: datetime | None
    silent: bool = Field(
        description="No reading for two of its intervals and at least ten seconds: all other values are as of "
        "last_reading_at"
    )
    clock_ahead_seconds: float | None = Field(
        description="How far its clock is ahead, if its readings are currently refused because of it"
    )
    clock: str | None = Field(description="The same in words")
    meter: str | None = Field(description="Its meter in words: register, refresh, coverage of today; null in lists")
    meter_facts: MeterResponse | None = Field(description="What that sentence says; null in lists")
    in_shift: bool = Field(description="Its line is in a shift now")
    last_reading_at: datetime | None
    temperature_celsius: float | None
    pressure_bar: float | None
    current_amperes: float | None
    power_watts: float | None = Field(description="Null while the machine is silent")
    energy_kwh: float | None = Field(description="The meter's register")
    failure_probability: float | None
    prediction: Literal[0, 1] | None
    failure_cost: float | None = Field(
        description="What a failure costs by [costs] of the plant file; times the probability, it is what is at risk"
    )
    model_version: str | None
    scored_at: datetime | None
    top_factors: list[FactorResponse]
    novelty: float | None = Field(description="How unlike normal operation it is, 0 to 1; from 0.5 on that is rare")
    likeness: str = Field(description="What its state resembles, if its risk is high, as a sentence")
    likely_modes: list[LikelyModeResponse]
    likely_components: list[LikelyComponentResponse] = Field(
        description="Empty if the failures on record do not name components"
    )
    stop_options: list[StopOptionResponse] = Field(
        description="When to stop a machine at risk, the cheapest first; empty if its remaining life is unknown, if "
        "[costs.stop] of the plant file does not say what a failure and a planned stop cost, or if it is silent"
    )
    remaining_life: RemainingLifeResponse | None = Field(
        description="Null while it has too little history or is silent, and if too few failures are on record"
    )
    recommendations: list[RecommendationResponse]
    lock: LockResponse | None
    open_order: OrderResponse | None


class DevicesResponse(ResponseModel):
    """A page of machines."""

    devices: list[DeviceResponse]
    total: int = Field(description="How many machines match the filter")
    limit: int
    offset: int
    age_seconds: float = Field(
        description="Age of this data: below a second, but more while the database does not answer in time"
    )


class HistoryResponse(ResponseModel):
    """Columns of equal length, oldest first; times in seconds since the epoch, null if a sensor was lost."""

    at: list[float]
    temperature_celsius: list[float | None]
    pressure_bar: list[float | None]
    current_amperes: list[float | None]
    scored_at: list[float] = Field(description="Times of the probabilities; each is valid until the next")
    failure_probability: list[float | None]


def _meter_response(meter: MachineMeter) -> MeterResponse:
    explanation = None if meter.facts.distrust is None else EXPLANATIONS[meter.facts.distrust]
    return MeterResponse(
        **asdict(meter.facts),
        distrust_text=None if explanation is None else f"{explanation.words} {explanation.mend}",
        known_seconds=KnownSecondsResponse(**asdict(meter.today)),
        since=meter.since,
    )


def device_response(machine: Machine, meter: MachineMeter | None = None) -> DeviceResponse:
    reading, insight = machine.latest.reading, machine.latest.insight
    return DeviceResponse(
        device_id=machine.device_id,
        device_type=machine.device_type,
        line=machine.line,
        state=machine.state,
        state_since=machine.state_since,
        silent=machine.silent,
        clock_ahead_seconds=machine.clock_ahead_seconds,
        clock=None
        if machine.clock_ahead_seconds is None
        else f"its clock is {span(machine.clock_ahead_seconds)} ahead",
        meter=None if meter is None else meter.in_words(),
        meter_facts=None if meter is None else _meter_response(meter),
        in_shift=machine.in_shift,
        last_reading_at=reading.timestamp if reading else None,
        temperature_celsius=reading.temperature if reading else None,
        pressure_bar=reading.pressure if reading else None,
        current_amperes=reading.current if reading else None,
        power_watts=machine.power_watts,
        energy_kwh=reading.energy_kwh if reading else None,
        failure_probability=machine.risk,
        prediction=insight.prediction if insight else None,
        failure_cost=machine.failure_cost,
        model_version=insight.model_version if insight else None,
        scored_at=insight.scored_at if insight else None,
        top_factors=[
            FactorResponse(feature=factor.feature, contribution=factor.contribution, text=factor.text)
            for factor in (insight.top_factors if insight else ())
        ],
        novelty=insight.novelty if insight else None,
        likeness=insight.likeness if insight else "",
        likely_modes=[
            LikelyModeResponse(mode=likely.mode, share=likely.share)
            for likely in (insight.likely_modes if insight else ())
        ],
        likely_components=[
            LikelyComponentResponse(component=likely.component, share=likely.share)
            for likely in (insight.likely_components if insight else ())
        ],
        stop_options=[
            StopOptionResponse(when=option.when, expected_cost=option.expected_cost, at=option.at)
            for option in (insight.stop_options if insight and not machine.silent else ())
        ],
        remaining_life=None if machine.silent else _remaining_life(insight),
        recommendations=[
            RecommendationResponse(code=recommendation.code, text=recommendation.text)
            for recommendation in (insight.recommendations if insight else ())
        ],
        lock=None if machine.lock is None else lock_response(machine.lock),
        open_order=None if machine.open_order is None else order_response(machine.open_order),
    )


def _remaining_life(insight: Insight | None) -> RemainingLifeResponse | None:
    life = insight.remaining_life if insight else None
    return (
        None
        if life is None
        else RemainingLifeResponse(at_least_hours=life.at_least_hours, at_most_hours=life.at_most_hours)
    )


def history_response(readings: Sequence[Reading], insights: Sequence[Insight]) -> HistoryResponse:
    return HistoryResponse(
        at=[reading.timestamp.timestamp() for reading in readings],
        temperature_celsius=[reading.temperature for reading in readings],
        pressure_bar=[reading.pressure for reading in readings],
        current_amperes=[reading.current for reading in readings],
        scored_at=[insight.timestamp.timestamp() for insight in insights],
        failure_probability=[insight.failure_probability for insight in insights],
    )
