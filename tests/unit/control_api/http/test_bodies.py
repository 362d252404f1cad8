import pytest
from flask import Flask, Response, request

from control_api.http import bodies, problems


@pytest.fixture
def app() -> Flask:
    made = Flask("test")
    problems.install(made)
    bodies.install(made)

    @made.post("/api/example")
    def view() -> Response:
        return Response(str(request.get_json(silent=True)))

    return made


@pytest.mark.parametrize(
    ("data", "content_type", "status", "detail"),
    [
        ("", None, 200, ""),
        ("{}", "application/json", 200, ""),
        ("device_id=a", "application/x-www-form-urlencoded", 415, "Send the body as JSON"),
        ("{}", "text/plain", 415, "Content-Type: application/json"),
        ("{", "application/json", 422, "not valid JSON"),
        ("[]", "application/json", 422, "must be a JSON object"),
        ("null", "application/json", 422, "must be a JSON object"),
        ('"{}"', "application/json", 422, "must be a JSON object"),
        ('{"a": NaN}', "application/json", 422, "not valid JSON"),
        ('{"a": -Infinity}', "application/json", 422, "not valid JSON"),
        ('{"a": 1e999}', "application/json", 422, "not valid JSON"),
        ('{"a": "\\ud800"}', "application/json", 422, "not valid JSON"),
        ('{"\\udfff": 1}', "application/json", 422, "not valid JSON"),
        ('{"a": "\\ud83d\\ude00"}', "application/json", 200, ""),
        ('{"a": ' + "[" * 60_000 + "]" * 60_000 + "}", "application/json", 422, "nested too deeply"),
        ('{"a": ' * 30_000 + "1" + "}" * 30_000, "application/json", 422, "nested too deeply"),
        ('{"a": 1, "a": 2}', "application/json", 422, "has the field 'a' twice"),
        ('{"a": {"b": [{"c": 1, "c": 1}]}}', "application/json", 422, "has the field 'c' twice"),
        ('{"a": {"a": {"a": 1}}}', "application/json", 200, ""),
        ('{"a": ' + "9" * 1_000_000 + "}", "application/json", 422, "not valid JSON"),
        ("--x", "multipart/form-data; boundary=x", 415, "Send the body as JSON"),
        ("--x", "multipart/form-data", 415, "Send the body as JSON"),
        ('{"a": ' + "9" * 5000 + "}", "application/json", 422, "not valid JSON"),
    ],
)
def test_a_body_is_a_json_object_or_not_there(
    app: Flask, data: str, content_type: str | None, status: int, detail: str
) -> None:
    response = app.test_client().post("/api/example", data=data, content_type=content_type)
    assert response.status_code == status
    if status != 200:
        assert response.json is not None
        assert detail in response.json["detail"]
