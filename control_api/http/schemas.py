"""What the requests and responses of several resources share; the OpenAPI document is generated from these models."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from typing import Annotated, Any

import msgspec
from pydantic import BaseModel, ConfigDict, Field, create_model, field_validator, model_validator

from control_api.http.texts import check_shown, texts_in
from energytrack.fields import Action, State
from energytrack.store.operations.commands import Order, OrderStatus
from energytrack.store.operations.locks import Lock

DEVICE_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._:-]*$"
DeviceId = Annotated[str, Field(min_length=1, max_length=64, pattern=DEVICE_PATTERN)]
Reason = Annotated[str, Field(min_length=1, max_length=500)]
Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2199, 12, 31), strict=False)]
PageSize = Annotated[int, Field(ge=1, le=1000)]


def typed_text(text: str | None) -> str | None:
    """What a person typed; None for nothing, and for the name of a variable that a Grafana button did not fill in."""
    return None if text is None or re.fullmatch(r"\$\w+|\$\{\w+\}|\s*", text) else text


class DocumentedModel(BaseModel):
    """A model whose JSON schema is generated once: flask-openapi3 asks for it for each route, and on each request."""

    @classmethod
    def model_json_schema(cls, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The schema, the same dict for the same arguments: nobody changes it."""
        return _schema(cls, args, tuple(kwargs.items()))


@cache
def _schema(model: type[DocumentedModel], args: tuple[Any, ...], kwargs: tuple[tuple[str, Any], ...]) -> dict[str, Any]:
    return super(DocumentedModel, model).model_json_schema(*args, **dict(kwargs))


class RequestModel(DocumentedModel):
    """A JSON body. Unknown fields are refused, and nothing is converted: "yes" is not true, and "5" is not 5."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, str_strip_whitespace=True)

    @field_validator("*", mode="after")
    @classmethod
    def _shows_what_it_is(cls, value: Any) -> Any:
        """What people read later, in pages, mails, exports and logs, has to look like what was sent."""
        for text in texts_in(value):
            check_shown(text)
        return value

    @model_validator(mode="before")
    @classmethod
    def _no_body_is_an_empty_one(cls, value: Any) -> Any:
        return {} if value is None else value


class TextModel(RequestModel):
    """A path, a query string or headers: their values are text, so they are parsed."""

    model_config = ConfigDict(strict=False)


class TypedModel(TextModel):
    """A query string from the fields of a Grafana button; empty fields count as left out."""

    @model_validator(mode="before")
    @classmethod
    def _nothing_is_left_out(cls, values: Any) -> Any:
        if not isinstance(values, Mapping):
            return values
        return {name: value for name, value in values.items() if not isinstance(value, str) or typed_text(value)}


class RequestWithReason(RequestModel):
    reason: Reason | None = Field(
        None, description="The reason; here or in the query string, where quotation marks are safe"
    )


class QueryWithReason(TypedModel):
    """A query string with a reason: Grafana's buttons put it here, since they do not escape it in a body."""

    reason: Reason | None = Field(None, description="The reason, unless it is in the body")


class ResponseModel(DocumentedModel):
    model_config = ConfigDict(frozen=True)


class DevicePath(TextModel):
    device_id: DeviceId


class LockResponse(ResponseModel):
    """A lock (lockout/tagout), held or released."""

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
    """An order, from its request to the machine's answer."""

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
    expires_at: datetime = Field(description="The machine carries the order out before this time or never")
    sent_at: datetime | None
    answered_at: datetime | None = Field(description="When the machine answered, by its own clock")
    closed_at: datetime | None
    device_state: State | None = Field(description="The state that the machine reported with its answer")
    detail: str = Field(description="The explanation given by the machine or by the API")
    batch_id: str | None = Field(description="Shared by orders that were given together")
    undoes: str | None = Field(description="The order or batch whose machines this one restarts")


def struct_response(name: str, struct: type[msgspec.Struct], descriptions: Mapping[str, str]) -> Any:
    """A response with the fields of a struct, described by name."""
    fields: dict[str, Any] = {
        field.name: (field.type, Field(description=descriptions.get(field.name)))
        for field in msgspec.structs.fields(struct)
    }
    return create_model(name, __base__=ResponseModel, **fields)


def order_response(order: Order) -> OrderResponse:
    return OrderResponse.model_validate(order, from_attributes=True)


def lock_response(lock: Lock) -> LockResponse:
    return LockResponse.model_validate(lock, from_attributes=True)
