"""Who a Grafana session lets in, and for how long."""

from testkit.stand_ins.grafana import GrafanaStandIn
from tests.integration.control_api.calls import order, problem
from tests.integration.control_api.conftest import ApiUnderTest


def test_a_role_that_is_taken_away_counts_within_seconds(plant: ApiUnderTest, grafana: GrafanaStandIn) -> None:
    """Grafana is asked again when its answer is five seconds old, and not before."""
    assert plant.client.get("/api/auth").get_json()["role"] == "Editor"
    grafana.roles["maria"] = "Viewer"
    assert plant.client.get("/api/auth").get_json()["role"] == "Editor"
    assert grafana.asked == 1
    plant.clock.advance(6)
    assert problem(order(plant.client)) == (403, "not_allowed")


def test_a_disabled_user_is_nobody(plant: ApiUnderTest, grafana: GrafanaStandIn) -> None:
    """As is one without a role in our organisation."""
    grafana.disabled.add("maria")
    grafana.roles["noone"] = "None"
    assert problem(plant.client.get("/api/auth")) == (401, "not_signed_in")
    assert problem(plant.signed_in("noone").get("/api/auth")) == (401, "not_signed_in")


def test_while_grafana_is_away_nobody_gets_in_by_it(plant: ApiUnderTest, grafana: GrafanaStandIn) -> None:
    """Tokens go on working; its return is noticed at once."""
    grafana.away = True
    assert problem(plant.client.get("/api/auth")) == (401, "not_signed_in")
    assert plant.script("Editor").get("/api/auth").status_code == 200
    grafana.away = False
    assert plant.client.get("/api/auth").status_code == 200
