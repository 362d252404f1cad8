"""All errors have the same format."""

from control_api.app import MAX_BODY_BYTES
from tests.integration.control_api.calls import order, problem
from tests.integration.control_api.conftest import ApiUnderTest


def test_every_error_has_one_shape(plant: ApiUnderTest) -> None:
    """A path that is none, a method that is none, a body that does not fit, one that is no JSON, one too large."""
    client = plant.client
    assert problem(client.get("/api/nothing")) == (404, "not_found")
    assert problem(client.get("/api/shutdown")) == (405, "method_not_allowed")
    assert problem(client.get("/api/devices/unheard-of")) == (404, "unknown_device")
    assert problem(client.get("/api/commands/none")) == (404, "unknown_order")
    assert problem(order(client, device_id="unheard-of")) == (404, "unknown_device")
    assert problem(client.post("/api/shutdown", data="device_id=a")) == (415, "unsupported_media")
    assert problem(client.post("/api/shutdown", data=b"{", content_type="application/json"))[0] == 422
    assert problem(client.post("/api/shutdown", data=b"[]", content_type="application/json"))[0] == 422
    assert problem(order(client, reason="x" * MAX_BODY_BYTES)) == (413, "request_entity_too_large")
    response = order(client, device_id={"$gt": ""}, reason="", wait=1)
    assert problem(response) == (422, "invalid_request")
    assert response.json is not None
    assert {each["field"] for each in response.json["errors"]} == {"device_id", "reason", "wait"}
