"""Who may do what: a test for each line of docs/security.md."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from control_api.auth.credentials import sign_in_link
from control_api.auth.permissions import LEAST_ROLES
from testkit.grafana_stand_in import GrafanaStandIn
from tests.integration.control_api.conftest import Plant
from tests.integration.control_api.orders.test_routes import order, problem


def state_of_everything(plant: Plant) -> Any:
    return plant.client.get("/api/commands").get_json(), plant.commands()


class TestRoles:
    def test_nobody_gets_in_without_a_session_or_a_token(self, plant: Plant) -> None:
        """Neither to read nor to act; paths that there are not say no more."""
        for path in ("/api/devices", "/api/commands", "/api/auth", "/api/nothing", "/elsewhere"):
            response = plant.nobody().get(path)
            assert problem(response) == (401, "not_signed_in")
            assert response.headers["WWW-Authenticate"] == "Bearer"
        assert problem(order(plant.nobody())) == (401, "not_signed_in")

    def test_a_viewer_reads_and_does_not_act(self, plant: Plant) -> None:
        """Whatever the browser shows."""
        victor = plant.signed_in("victor")
        assert victor.get("/api/devices").status_code == 200
        for response in (order(victor), order(victor, "restart"), victor.post("/api/bulk", json={})):
            assert problem(response) == (403, "not_allowed")
        assert plant.commands() == []

    def test_a_role_that_is_taken_away_counts_within_seconds(self, plant: Plant, grafana: GrafanaStandIn) -> None:
        """Grafana is asked again when its answer is five seconds old, and not before."""
        assert plant.client.get("/api/auth").get_json()["role"] == "Editor"
        grafana.roles["maria"] = "Viewer"
        assert plant.client.get("/api/auth").get_json()["role"] == "Editor"
        assert grafana.asked == 1
        plant.clock.advance(6)
        assert problem(order(plant.client)) == (403, "not_allowed")

    def test_a_disabled_user_is_nobody(self, plant: Plant, grafana: GrafanaStandIn) -> None:
        """As is one without a role in our organisation."""
        grafana.disabled.add("maria")
        grafana.roles["noone"] = "None"
        assert problem(plant.client.get("/api/auth")) == (401, "not_signed_in")
        assert problem(plant.signed_in("noone").get("/api/auth")) == (401, "not_signed_in")

    def test_while_grafana_is_away_nobody_gets_in_by_it(self, plant: Plant, grafana: GrafanaStandIn) -> None:
        """Tokens go on working; its return is noticed at once."""
        grafana.away = True
        assert problem(plant.client.get("/api/auth")) == (401, "not_signed_in")
        assert plant.script("Editor").get("/api/auth").status_code == 200
        grafana.away = False
        assert plant.client.get("/api/auth").status_code == 200

    def test_every_route_has_its_least_role(self, plant: Plant) -> None:
        """The table and the application name the same routes; one that the table forgets is denied."""
        routes = {
            f"{method} {rule.rule}"
            for rule in plant.app.url_map.iter_rules()
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        }
        assert routes == set(LEAST_ROLES)

    def test_the_runbook_is_open_to_whoever_is_paged(self, plant: Plant) -> None:
        """A link of an alert opens on any phone; there is no secret in it, and no button."""
        page = plant.nobody().get("/runbook")
        assert page.status_code == 200
        assert 'id="machine-failed"' in page.text
        assert "<script" not in page.text

    def test_a_route_that_the_table_forgets_is_denied(self, plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
        """Even to an administrator."""
        forgotten = {route: least for route, least in LEAST_ROLES.items() if route != "GET /api/devices"}
        monkeypatch.setattr("control_api.auth.guard.LEAST_ROLES", forgotten)
        assert problem(plant.signed_in("anna").get("/api/devices")) == (403, "not_allowed")

    def test_nothing_changes_on_get(self, plant: Plant) -> None:
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


class TestForeignPages:
    @pytest.mark.parametrize("origin", ["https://evil.example", "http://127.0.0.1:8081", "null", ""])
    def test_another_origin_changes_nothing(self, plant: Plant, origin: str) -> None:
        """Although the browser sends the cookie along, and whatever headers the page sets."""
        plant.client.environ_base["HTTP_ORIGIN"] = origin
        assert problem(order(plant.client)) == (403, "foreign_origin")
        assert plant.commands() == []

    def test_a_change_without_an_origin_is_refused(self, plant: Plant) -> None:
        """A session is for browsers, and browsers name the page."""
        del plant.client.environ_base["HTTP_ORIGIN"]
        assert problem(order(plant.client)) == (403, "foreign_origin")

    def test_a_change_must_be_meant(self, plant: Plant) -> None:
        """By Grafana's own header or by the page's token; a wrong one is none."""
        client = plant.client
        del client.environ_base["HTTP_X_GRAFANA_ACTION"]
        assert problem(order(client)) == (403, "not_meant")
        body = {"device_id": "press-0001", "reason": "x"}
        for wrong in ("", "0" * 64, "ä"):
            response = client.post("/api/shutdown", json=body, headers={"X-CSRF-Token": wrong})
            assert problem(response) == (403, "not_meant")
        csrf = client.get("/api/auth").get_json()["csrf"]
        assert client.post("/api/shutdown", json=body, headers={"X-CSRF-Token": csrf}).status_code == 202

    def test_a_form_of_another_page_is_no_order(self, plant: Plant) -> None:
        """What a page can send without asking first (forms, plain text) is not taken for JSON."""
        for kind in ("application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x"):
            data = '{"device_id": "press-0001", "reason": "x"}'
            assert problem(plant.client.post("/api/shutdown", data=data, content_type=kind))[0] == 415

    def test_other_pages_read_nothing(self, plant: Plant) -> None:
        """No answer allows another origin to read it."""
        response = plant.client.get("/api/devices", headers={"Origin": "https://evil.example"})
        assert "Access-Control-Allow-Origin" not in response.headers

    def test_every_answer_carries_the_headers(self, plant: Plant) -> None:
        """No sniffing, no framing elsewhere, no inline script, no caching of what is behind a role."""
        for response in (
            plant.client.get("/api/devices"),
            plant.nobody().get("/api/x"),
            plant.nobody().get("/sign-in"),
        ):
            policy = response.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "unsafe-inline" not in policy
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            assert "frame-ancestors 'self'" in policy
        assert plant.client.get("/api/devices").headers["Cache-Control"] == "no-store"


class TestForgery:
    @pytest.mark.parametrize(
        "forged",
        [
            {"X-WEBAUTH-USER": "admin"},
            {"X-Grafana-User": "admin", "X-Energytrack-User": "grafana:anna", "X-Energytrack-Role": "Admin"},
            {"X-Forwarded-User": "admin", "Remote-User": "admin"},
            {"Authorization": "Basic YWRtaW46YWRtaW4="},
            {"Authorization": "Bearer "},
            {"Cookie": "grafana_session=session-of-anna%00; grafana_session="},
        ],
    )
    def test_a_forged_header_is_nobody(self, plant: Plant, forged: dict[str, str]) -> None:
        """Identity comes from a session that Grafana confirms or a secret of ours, never from what a caller says."""
        assert problem(plant.nobody().get("/api/auth", headers=forged)) == (401, "not_signed_in")

    def test_an_order_keeps_where_it_came_from(self, plant: Plant) -> None:
        """The front door's word counts, a caller's own does not."""
        headers = {"X-Forwarded-For": "203.0.113.9"}
        client = plant.script("Editor")
        body = {"device_id": "press-0001", "reason": "x"}
        by_the_door = client.post(
            "/api/shutdown", json=body, headers=headers, environ_base={"REMOTE_ADDR": "127.0.0.1"}
        )
        assert by_the_door.get_json()["address"] == "203.0.113.9"
        body["device_id"] = "press-0002"
        direct = client.post("/api/shutdown", json=body, headers=headers, environ_base={"REMOTE_ADDR": "198.51.100.4"})
        assert direct.get_json()["address"] == "198.51.100.4"

    def test_metrics_are_for_those_inside(self, plant: Plant) -> None:
        """Prometheus reads them directly; through the front door nobody does."""
        assert plant.nobody().get("/metrics").status_code == 200
        through = {"X-Forwarded-For": "203.0.113.9"}
        assert problem(plant.nobody().get("/metrics", headers=through)) == (401, "not_signed_in")
        assert problem(plant.signed_in("anna").get("/metrics", headers=through)) == (403, "not_allowed")

    @pytest.mark.parametrize(
        "path",
        ["/api/devices/../../metrics", "/static/../app.py", "/static/%2e%2e/app.py", "/static//etc/passwd",
         "/docs/assets/..%2f..%2fplugins.py", "/api/devices/%00", "/api/devices/..%2f..%2fcommands", "/API/devices",
         "/api/devices;x=1", "/control/api/devices"],
    )  # fmt: skip
    def test_a_path_leads_where_it_says_or_nowhere(self, plant: Plant, path: str) -> None:
        """No file of the server, no route under another name."""
        response = plant.client.get(path, headers={"X-Forwarded-For": "203.0.113.9"})
        assert response.status_code in {403, 404, 422}
        assert b"root:" not in response.data

    @pytest.mark.parametrize(
        "value", [{"$gt": ""}, {"$ne": None}, ["press-0001"], "press-0001\x00", "'; return true; //", "..", "$where"]
    )
    def test_no_value_becomes_a_part_of_a_query(self, plant: Plant, value: Any) -> None:
        """An identifier is text of a narrow alphabet before the database sees it."""
        assert problem(order(plant.client, device_id=value)) == (422, "invalid_request")
        query = {"device_id": value if isinstance(value, str) else "", "device_id[$ne]": "x"}
        assert problem(plant.client.get("/api/commands", query_string=query)) == (422, "invalid_request")

    def test_a_text_stays_a_text(self, plant: Plant) -> None:
        """Operators of the database, markup and templates in a reason are kept as they were typed."""
        reason = "<script>alert(1)</script> {{7*7}} {'$gt': ''}"
        given = order(plant.client, reason=reason).get_json()
        assert plant.client.get(f"/api/commands/{given['command_id']}").get_json()["reason"] == reason
        assert (
            plant.client.get("/api/commands", query_string={"requested_by": '{"$ne": ""}'}).get_json()["commands"] == []
        )


class TestTokens:
    def test_a_token_needs_no_origin_and_has_its_role(self, plant: Plant) -> None:
        """Scripts have no page; a Viewer's token reads only."""
        given = order(plant.script("Editor", "line-a")).get_json()
        assert given["requested_by"] == "token:line-a"
        assert problem(order(plant.script("Viewer"))) == (403, "not_allowed")

    def test_a_token_that_ended_lets_nobody_in(self, plant: Plant) -> None:
        """By its time or by hand, at once."""
        client = plant.script("Viewer")
        assert client.get("/api/auth").status_code == 200
        (token,) = plant.services.store.tokens.all("token")
        plant.services.store.tokens.revoke(token.token_id, plant.clock.now())
        assert problem(client.get("/api/auth")) == (401, "not_signed_in")
        short = plant.script("Viewer")
        plant.clock.advance(24 * 3600)
        assert problem(short.get("/api/auth")) == (401, "not_signed_in")

    def test_only_a_digest_is_kept(self, plant: Plant) -> None:
        """Whoever reads the database cannot sign in with what is there."""
        _, written = plant.services.credentials.issue("token", name="x", role="Admin", by="test", lasts=None)
        secret = written.split("_", 2)[2]
        (token,) = plant.services.store.tokens.all("token")
        assert secret.encode() not in token.digest
        assert len(token.digest) == 32

    def test_guessing_is_stopped(self, plant: Plant) -> None:
        """After twenty wrong tokens from one address; those who are signed in go on."""
        guesser = plant.nobody()
        answers = [
            guesser.get("/api/auth", headers={"Authorization": f"Bearer et_{n}_{'x' * 43}"}).status_code
            for n in range(25)
        ]
        assert answers == [401] * 20 + [429] * 5
        assert plant.client.get("/api/auth").status_code == 200

    def test_one_kind_of_secret_is_not_another(self, plant: Plant) -> None:
        """A token is no session, a session no token, a link neither."""
        credentials = plant.services.credentials
        for kind in ("session", "link"):
            _, written = credentials.issue(kind, name="x", role="Admin", by="test", lasts=timedelta(hours=1))
            response = plant.nobody().get("/api/auth", headers={"Authorization": f"Bearer {written}"})
            assert problem(response) == (401, "not_signed_in")


class TestLinks:
    def redeemed(self, plant: Plant) -> FlaskClient:
        code = sign_in_link(plant.services.credentials, plant.services.settings).partition("#code=")[2]
        client = plant.nobody()
        assert client.post("/sign-in", json={"code": code}).status_code == 204
        assert problem(plant.nobody().post("/sign-in", json={"code": code})) == (401, "not_signed_in")
        return client

    def test_a_link_signs_in_once(self, plant: Plant) -> None:
        """By a POST only: looking at a link uses nothing up."""
        client = self.redeemed(plant)
        assert client.get("/api/auth").get_json()["subject"] == "link:admin"
        cookie = client.get_cookie("energytrack_session")
        assert cookie is not None
        assert (cookie.http_only, cookie.same_site) == (True, "Lax")

    def test_a_session_acts_with_its_pages_token_only(self, plant: Plant) -> None:
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


class TestLimits:
    def test_one_caller_does_not_crowd_out_the_others(self, plant: Plant) -> None:
        """Changes are counted by person; others go on."""
        codes = {order(plant.client, device_id=f"none-{n}").status_code for n in range(121)}
        assert codes == {404, 429}
        assert problem(order(plant.client)) == (429, "too_many_requests")
        assert order(plant.script("Editor")).status_code == 202

    def test_an_oversized_body_is_refused(self, plant: Plant) -> None:
        """Before it is read."""
        assert problem(order(plant.client, reason="x" * 70_000)) == (413, "request_entity_too_large")

    def test_a_replayed_order_is_the_first_one(self, plant: Plant) -> None:
        """The same key never orders twice, not even after the answer."""
        first = order(plant.client, key="k").get_json()
        plant.answer(plant.commands()[0])
        assert order(plant.client, key="k").get_json()["command_id"] == first["command_id"]
        assert len(plant.commands()) == 1
