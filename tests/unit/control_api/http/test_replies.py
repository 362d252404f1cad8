from http import HTTPStatus

from control_api.http.replies import reply
from control_api.http.schemas import ResponseModel


class ExampleResponse(ResponseModel):
    """An answer."""

    name: str | None


def test_a_model_becomes_a_json_body() -> None:
    """What is not known is null, never left out."""
    response = reply(ExampleResponse(name=None), HTTPStatus.CREATED)
    assert (response.status_code, response.content_type, response.get_data()) == (
        201,
        "application/json",
        b'{"name":null}',
    )
