"""Sign-in links and the sessions that they begin."""

from flask.testing import FlaskClient

from control_api.auth.credentials import sign_in_link
from tests.integration.control_api.calls import problem
from tests.integration.control_api.conftest import ORIGIN, ApiUnderTest


class TestLinks:
    def redeemed_from(self, plant: ApiUnderTest) -> tuple[FlaskClient, str]:
        code = sign_in_link(plant.services.credentials, [ORIGIN], by="test").partition("#code=")[2]
        client = plant.nobody()
        assert client.post("/sign-in", json={"code": code}).status_code == 204
        return client, code

    def redeemed(self, plant: ApiUnderTest) -> FlaskClient:
        client, code = self.redeemed_from(plant)
        assert problem(plant.nobody().post("/sign-in", json={"code": code})) == (401, "not_signed_in")
        return client

    def test_a_link_signs_in_once(self, plant: ApiUnderTest) -> None:
        """By a POST only: looking at a link uses nothing up."""
        client = self.redeemed(plant)
        assert client.get("/api/auth").get_json()["subject"] == "link:admin"
        cookie = client.get_cookie("energytrack_session")
        assert cookie is not None
        assert (cookie.http_only, cookie.same_site) == (True, "Lax")

    def test_wrong_links_keep_nobody_out(self, plant: ApiUnderTest) -> None:
        """Somebody behind the same address floods the sign-in: a valid link signs in all the same."""
        answers = [plant.nobody().post("/sign-in", json={"code": f"et_{n}_x"}).status_code for n in range(130)]
        assert answers == [401] * 20 + [429] * 110
        self.redeemed_from(plant)

    def test_a_stranger_sends_a_code_and_no_more(self, plant: ApiUnderTest) -> None:
        """Whatever is longer is refused before it is read."""
        response = plant.nobody().post("/sign-in", data=b"{" * 100_000, content_type="application/json")
        assert problem(response) == (413, "request_entity_too_large")

    def test_a_session_acts_with_its_pages_token_only(self, plant: ApiUnderTest) -> None:
        """Grafana's header is for Grafana's sessions; signing out ends it for good."""
        client = self.redeemed(plant)
        origin = {"Origin": "http://127.0.0.1:8080"}
        body = {"device_id": "press-0001", "reason": "x"}
        assert (
            problem(client.post("/api/restart", json=body, headers=origin | {"X-Grafana-Action": "1"}))[1]
            == "not_meant"
        )
        meant = origin | {"X-CSRF-Token": client.get("/api/auth").get_json()["csrf"]}
        assert client.post("/api/restart", json=body, headers=meant).status_code == 202
        stolen = client.get_cookie("energytrack_session")
        assert client.post("/sign-out", headers=meant).status_code == 303
        assert stolen is not None
        client.set_cookie("energytrack_session", stolen.value)
        assert problem(client.get("/api/auth")) == (401, "not_signed_in")
