"""The OpenAPI document and its viewer."""

from typing import Any

from tests.integration.control_api.conftest import ApiUnderTest


def test_the_document_says_what_it_is_not(plant: ApiUnderTest) -> None:
    """No safety system; the viewer loads nothing from outside."""
    document: Any = plant.client.get("/openapi.json").json
    assert "not a safety system" in document["info"]["description"]
    assert {"/api/shutdown", "/api/devices/{device_id}"} <= set(document["paths"])
    page = plant.client.get("/docs")
    assert "http" not in page.text.replace("http-equiv", "")
    assert "script-src 'self';" in page.headers["Content-Security-Policy"]
    for asset in ("docs/assets/swagger-ui-bundle.js", "docs/assets/swagger-ui.css", "static/api_docs.js"):
        with plant.client.get(f"/{asset}") as response:
            assert response.status_code == 200
    assert plant.client.get("/docs/assets/..%2f..%2f__init__.py").status_code == 404
