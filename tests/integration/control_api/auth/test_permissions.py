"""Every route has a least role, and keeps to it."""

import re

import pytest

from control_api.auth.permissions import LEAST_ROLES
from tests.integration.control_api.calls import problem, state_of_everything
from tests.integration.control_api.conftest import ApiUnderTest


def test_every_route_has_its_least_role(plant: ApiUnderTest) -> None:
    """The table and the application name the same routes; one that the table forgets is denied."""
    routes = {
        f"{method} {rule.rule}"
        for rule in plant.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert routes == set(LEAST_ROLES)


def test_the_runbook_is_open_to_whoever_is_paged(plant: ApiUnderTest) -> None:
    """A link of an alert opens on any phone; there is no secret in it, and no button."""
    page = plant.nobody().get("/runbook")
    assert page.status_code == 200
    assert 'id="machine-failed"' in page.text
    assert "<script" not in page.text


def test_a_route_that_the_table_forgets_is_denied(plant: ApiUnderTest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even to an administrator."""
    forgotten = {route: least for route, least in LEAST_ROLES.items() if route != "GET /api/devices"}
    monkeypatch.setattr("control_api.auth.guard.LEAST_ROLES", forgotten)
    refused = plant.signed_in("anna").get("/api/devices")
    assert problem(refused) == (403, "not_allowed")
    assert refused.get_json()["detail"].endswith("; anna has the role Admin.")


def test_nothing_changes_on_get(plant: ApiUnderTest) -> None:
    """Every route that can be read, read by an administrator, leaves everything as it was."""
    plant.says("press-0001", state="idle")
    before = state_of_everything(plant)
    anna = plant.signed_in("anna")
    for route in LEAST_ROLES:
        method, _, rule = route.partition(" ")
        if method == "GET":
            path = re.sub(r"<[^>]*device_id>", "press-0001", rule)
            anna.get(re.sub(r"<[^>]*>", "x", path) + "?action=shutdown").close()
    assert state_of_everything(plant) == before
