"""Nothing in a JSON body is converted; what stands in an address is parsed."""

from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec
import pytest
from pydantic import BaseModel, ValidationError
from pydantic.json_schema import model_json_schema

from control_api import app
from control_api.alarms.schemas import AlarmsQuery, AlarmsResponse, LogResponse, OptionalCommentRequest, VerdictQuery
from control_api.alarms.webhooks import AlertPayload, NotificationRequest
from control_api.devices.schemas import DevicesQuery
from control_api.http.schemas import QueryWithReason, RequestModel, TextModel, struct_response
from control_api.measures.schemas import AcceptQuery
from control_api.orders.schemas import OrderRequest
from testkit.builders.messages import NOW

CONVERTIBLE = {
    bool: ("yes", "true", "1", 1, 0, 1.0),
    int: ("1", "5", True, 5.0),
    float: ("1", "0.5", True, "nan"),
    str: (5, 1.5, True),
}
"""By a field's type, what pydantic would convert into it."""


def body_models(model: type[RequestModel] = RequestModel) -> Iterator[type[BaseModel]]:
    for subclass in model.__subclasses__():
        if subclass is not TextModel:
            yield subclass
            yield from body_models(subclass)


MODELS: list[type[BaseModel]] = [*body_models(), NotificationRequest, AlertPayload]


def types_of(annotation: Any) -> Iterator[Any]:
    """The types that a field may have, without what limits them."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from types_of(get_args(annotation)[0])
    elif origin in (Union, UnionType):
        for one in get_args(annotation):
            yield from types_of(one)
    else:
        yield annotation


def cases() -> Iterator[Any]:
    for model in MODELS:
        for name, field in model.model_fields.items():
            kinds = set(types_of(field.annotation))
            for kind in kinds & set(CONVERTIBLE):
                for value in CONVERTIBLE[kind]:
                    if not (kind is float and isinstance(value, int) and not isinstance(value, bool)):
                        yield pytest.param(model, name, value, id=f"{model.__name__}.{name}={value!r}")


def test_every_body_is_among_them() -> None:
    """A new one is tested without being named here: the application imports every room."""
    assert app.create_app.__module__ == "control_api.app"
    assert {"OrderRequest", "BulkRequest", "ScheduleRequest", "SnoozeRequest"} <= {model.__name__ for model in MODELS}
    assert len(MODELS) >= 14


@pytest.mark.parametrize(("model", "name", "value"), list(cases()))
def test_nothing_in_a_body_is_converted(model: type[BaseModel], name: str, value: Any) -> None:
    """`"override": "yes"` once stopped a machine in mid-cycle."""
    with pytest.raises(ValidationError) as caught:
        model.model_validate({name: value})
    assert name in {error["loc"][0] for error in caught.value.errors()}


def test_times_of_an_alert_are_parsed() -> None:
    """JSON has no times, and senders write them as texts."""
    alert = {"status": "firing", "labels": {}, "startsAt": NOW.isoformat()}
    (payload,) = NotificationRequest.model_validate({"alerts": [alert]}).alerts
    assert payload.startsAt == NOW


def test_an_address_is_parsed() -> None:
    """There is only text in it."""
    query = DevicesQuery.model_validate({"limit": "5", "descending": "true", "min_risk": "0.5"})
    assert (query.limit, query.descending, query.min_risk) == (5, True, 0.5)
    assert AlarmsQuery.model_validate({"state": ["active"], "offset": "10"}).offset == 10


def test_no_body_is_an_empty_one() -> None:
    """Where a field is required it is missing, otherwise all is well."""
    assert OptionalCommentRequest.model_validate(None).comment == ""
    with pytest.raises(ValidationError, match="device_id"):
        OrderRequest.model_validate(None)


def test_a_response_made_of_a_struct_has_its_fields_and_their_descriptions() -> None:
    of = msgspec.defstruct("Cycle", [("seconds", float | None), ("parts", int)])
    schema = struct_response("CycleRow", of, {"seconds": "Per part"}).model_json_schema()
    assert schema["title"] == "CycleRow"
    assert schema["required"] == ["seconds", "parts"]
    assert schema["properties"]["seconds"]["description"] == "Per part"


def test_the_schema_of_a_model_is_generated_once_and_is_its_own() -> None:
    """As pydantic generates it, for each model and each way of asking."""
    ways: tuple[dict[str, Any], ...] = ({}, {"ref_template": "#/components/schemas/{model}", "mode": "serialization"})
    for model in (AlarmsResponse, LogResponse):
        for way in ways:
            schema = model.model_json_schema(**way)
            assert schema is model.model_json_schema(**way)
            assert schema == model_json_schema(model, **way)
    assert AlarmsResponse.model_json_schema(**ways[0]) != AlarmsResponse.model_json_schema(**ways[1])


@pytest.mark.parametrize("typed", ["", "  ", "$reason", "${reason}"])
def test_what_nobody_typed_into_a_button_is_left_out(typed: str) -> None:
    """An optional time that stays empty is no wrong time; a reason that was erased is refused like a missing one."""
    assert AcceptQuery(at=typed, reason=typed) == AcceptQuery()
    assert QueryWithReason(reason=typed) == QueryWithReason()
    assert VerdictQuery(finding=typed) == VerdictQuery()
