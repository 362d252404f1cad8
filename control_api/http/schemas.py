"""What the API takes and gives, as models from which its document is made."""

from datetime import datetime
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from control_api.devices.rules import Machine
from energytrack.messages import Action, State
from energytrack.store.operations.commands import Order, OrderStatus
from energytrack.store.operations.locks import Lock

DEVICE_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._:-]*$"
DeviceId = Annotated[str, Field(min_length=1, max_length=64, pattern=DEVICE_PATTERN)]
Reason = Annotated[str, Field(min_length=1, max_length=500)]
PageSize = Annotated[int, Field(ge=1, le=1000)]


class RequestModel(BaseModel):
    """What a caller sends: no field too many, nothing converted."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    @classmethod
    def model_json_schema(cls, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The schema; flask-openapi3 reads it at every request, which took longer than all the rest of a check."""
        return super().model_json_schema(*args, **kwargs) if args or kwargs else _plain_schema(cls)


@cache
def _plain_schema(model: type[RequestModel]) -> dict[str, Any]:
    return super(RequestModel, model).model_json_schema()


class ResponseModel(BaseModel):
    """What the API answers."""

    model_config = ConfigDict(frozen=True)


class DevicePath(RequestModel):
    """The device in the path."""

    device_id: DeviceId


class FactorResponse(ResponseModel):
    """A feature's share in a failure probability."""

    feature: str
    contribution: float
    text: str


class RecommendationResponse(ResponseModel):
    """What the plant should do about a machine."""

    code: str
    text: str


class LockResponse(ResponseModel):
    """A lock (lockout/tagout)."""

    lock_id: str
    device_id: str
    holder: str = Field(description="Who locked the machine; only they, or an administrator with a reason, release it")
    role: str
    address: str
    reason: str
    locked_at: datetime
    released_at: datetime | None
    released_by: str | None
    released_role: str | None
    release_reason: str | None


class OrderResponse(ResponseModel):
    """An order from its request to the machine's answer."""

    command_id: str = Field(description="A ULID: sorts by time")
    device_id: str
    action: Action
    status: OrderStatus = Field(
        description="requested, sent, then done, refused or failed as the machine answered, or expired"
    )
    reason: str
    override: bool
    requested_by: str
    role: str
    address: str
    requested_at: datetime
    expires_at: datetime = Field(description="The machine takes the order up before this or never")
    sent_at: datetime | None
    answered_at: datetime | None = Field(description="The machine's own time of its answer")
    closed_at: datetime | None
    device_state: State | None = Field(description="What the machine said it was in when it answered")
    detail: str = Field(description="What the machine, or the API, had to say")
    batch_id: str | None = Field(description="Orders given together share it")
    undoes: str | None = Field(description="The order or batch whose machines this one restarts")


class DeviceResponse(ResponseModel):
    """A machine and all that is known of it now; null where it is not known."""

    device_id: str
    device_type: str | None
    line: str | None
    state: State | None
    state_since: datetime | None
    silent: bool = Field(
        description="Not heard for two of its intervals, ten seconds at least: all else is as of last_reading_at"
    )
    in_shift: bool = Field(description="Its line's people are at work now")
    last_reading_at: datetime | None
    temperature_celsius: float | None
    pressure_bar: float | None
    current_amperes: float | None
    power_watts: float | None = Field(description="Null while it is silent: nobody knows")
    energy_kwh: float | None = Field(description="The meter's register")
    failure_probability: float | None
    prediction: Literal[0, 1] | None
    model_version: str | None
    scored_at: datetime | None
    top_factors: list[FactorResponse]
    recommendations: list[RecommendationResponse]
    lock: LockResponse | None
    open_order: OrderResponse | None


def order_response(order: Order) -> OrderResponse:
    """An order as the API gives it."""
    return OrderResponse.model_validate(order, from_attributes=True)


def lock_response(lock: Lock) -> LockResponse:
    """A lock as the API gives it."""
    return LockResponse.model_validate(lock, from_attributes=True)


def device_response(machine: Machine) -> DeviceResponse:
    """A machine as the API gives it."""
    reading, insight = machine.latest.reading, machine.latest.insight
    return DeviceResponse(
        device_id=machine.device_id,
        device_type=machine.device_type,
        line=machine.line,
        state=machine.state,
        state_since=machine.state_since,
        silent=machine.silent,
        in_shift=machine.in_shift,
        last_reading_at=reading.timestamp if reading else None,
        temperature_celsius=reading.temperature if reading else None,
        pressure_bar=reading.pressure if reading else None,
        current_amperes=reading.current if reading else None,
        power_watts=machine.power_watts,
        energy_kwh=reading.energy_kwh if reading else None,
        failure_probability=machine.risk,
        prediction=insight.prediction if insight else None,
        model_version=insight.model_version if insight else None,
        scored_at=insight.scored_at if insight else None,
        top_factors=[
            FactorResponse(feature=factor.feature, contribution=factor.contribution, text=factor.text)
            for factor in (insight.top_factors if insight else ())
        ],
        recommendations=[
            RecommendationResponse(code=recommendation.code, text=recommendation.text)
            for recommendation in (insight.recommendations if insight else ())
        ],
        lock=None if machine.lock is None else lock_response(machine.lock),
        open_order=None if machine.open_order is None else order_response(machine.open_order),
    )
