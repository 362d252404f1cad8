from typing import Any

from control_api.web.api_docs import completed


def a_document(required: list[str]) -> dict[str, Any]:
    reference = {"$ref": "#/components/schemas/Example"}
    operation = {
        "requestBody": {"content": {"application/json": {"schema": reference}}, "required": True},
        "responses": {"200": {}},
    }
    return {
        "paths": {"/api/example": {"post": operation}},
        "components": {"schemas": {"Example": {"type": "object", "required": required}}},
    }


def test_every_operation_names_the_error_format_and_the_prefix() -> None:
    document = completed(a_document(["reason"]), root="/control")
    assert {"200", "422", "default"} == set(document["paths"]["/api/example"]["post"]["responses"])
    assert document["servers"] == [{"url": "/control"}]
    assert "ProblemResponse" in document["components"]["schemas"]


def test_a_body_is_optional_where_no_field_is_required() -> None:
    """As it is when the API is called."""
    for required, expected in (([], False), (["reason"], True)):
        body = completed(a_document(required), root="")["paths"]["/api/example"]["post"]["requestBody"]
        assert body["required"] is expected
