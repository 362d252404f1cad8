"""The API against its own document: whatever fits it gets an answer that the document names, and never a 500."""

from typing import Any

import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from tests.integration.control_api.conftest import ApiUnderTest

CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance]
EXAMPLES = 4
"""Requests to each route; more are for a quiet machine."""


def test_the_document_is_kept(plant: ApiUnderTest) -> None:
    """By an administrator's token, so that nothing stops at the door; errors have their one shape."""
    schema = schemathesis.openapi.from_wsgi("/openapi.json", plant.app)
    token = plant.script("Admin").environ_base["HTTP_AUTHORIZATION"]
    operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    assert len(operations) > 25
    for operation in operations:

        @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy())
        def ask(case: Any) -> None:
            plant.clock.advance(5.0)  # past the rate limits
            response = case.call(headers={"Authorization": token})
            if response.status_code >= 400:
                assert response.headers["content-type"] == ["application/problem+json"], response.text
                assert response.json()["status"] == response.status_code
            if response.status_code not in {429, 503}:
                case.validate_response(response, checks=CHECKS)

        ask()
