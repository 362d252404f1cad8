"""Who may do what: a test for each line of docs/security.md."""

from typing import Any

import pytest

from tests.integration.control_api.calls import order, problem
from tests.integration.control_api.conftest import ApiUnderTest


class TestRoles:
    def test_nobody_gets_in_without_a_session_or_a_token(self, plant: ApiUnderTest) -> None:
        """Neither to read nor to act; paths that there are not say no more."""
        for path in ("/api/devices", "/api/commands", "/api/auth", "/api/nothing", "/elsewhere"):
            response = plant.nobody().get(path)
            assert problem(response) == (401, "not_signed_in")
            assert response.headers["WWW-Authenticate"] == "Bearer"
        assert problem(order(plant.nobody())) == (401, "not_signed_in")

    def test_a_viewer_reads_and_does_not_act(self, plant: ApiUnderTest) -> None:
        """Whatever the browser shows."""
        victor = plant.signed_in("victor")
        assert victor.get("/api/devices").status_code == 200
        for response in (order(victor), order(victor, "restart"), victor.post("/api/bulk", json={})):
            assert problem(response) == (403, "not_allowed")
        assert plant.commands() == []


class TestForeignPages:
    @pytest.mark.parametrize("origin", ["https://evil.example", "http://127.0.0.1:8081", "null", ""])
    def test_another_origin_changes_nothing(self, plant: ApiUnderTest, origin: str) -> None:
        """Although the browser sends the cookie along, and whatever headers the page sets."""
        plant.client.environ_base["HTTP_ORIGIN"] = origin
        assert problem(order(plant.client)) == (403, "foreign_origin")
        assert plant.commands() == []

    def test_a_change_without_an_origin_is_refused(self, plant: ApiUnderTest) -> None:
        """A session is for browsers, and browsers name the page."""
        del plant.client.environ_base["HTTP_ORIGIN"]
        assert problem(order(plant.client)) == (403, "foreign_origin")

    def test_a_change_must_be_meant(self, plant: ApiUnderTest) -> None:
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

    def test_a_form_of_another_page_is_no_order(self, plant: ApiUnderTest) -> None:
        """What a page can send without asking first (forms, plain text) is not taken for JSON."""
        for kind in ("application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x"):
            data = '{"device_id": "press-0001", "reason": "x"}'
            assert problem(plant.client.post("/api/shutdown", data=data, content_type=kind))[0] == 415

    def test_other_pages_read_nothing(self, plant: ApiUnderTest) -> None:
        """No answer allows another origin to read it."""
        response = plant.client.get("/api/devices", headers={"Origin": "https://evil.example"})
        assert "Access-Control-Allow-Origin" not in response.headers

    def test_every_answer_carries_the_headers(self, plant: ApiUnderTest) -> None:
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
        "path",
        ["/api/devices/../../metrics", "/static/../app.py", "/static/%2e%2e/app.py", "/static//etc/passwd",
         "/docs/assets/..%2f..%2fplugins.py", "/api/devices/%00", "/api/devices/..%2f..%2fcommands", "/API/devices",
         "/api/devices;x=1", "/control/api/devices"],
    )  # fmt: skip
    def test_a_path_leads_where_it_says_or_nowhere(self, plant: ApiUnderTest, path: str) -> None:
        """No file of the server, no route under another name."""
        response = plant.client.get(path, headers={"X-Forwarded-For": "203.0.113.9"})
        assert response.status_code in {403, 404, 422}
        assert b"root:" not in response.data

    @pytest.mark.parametrize(
        "value", [{"$gt": ""}, {"$ne": None}, ["press-0001"], "press-0001\x00", "'; return true; //", "..", "$where"]
    )
    def test_no_value_becomes_a_part_of_a_query(self, plant: ApiUnderTest, value: Any) -> None:
        """An identifier is text of a narrow alphabet before the database sees it."""
        assert problem(order(plant.client, device_id=value)) == (422, "invalid_request")
        query = {"device_id": value if isinstance(value, str) else "", "device_id[$ne]": "x"}
        assert problem(plant.client.get("/api/commands", query_string=query)) == (422, "invalid_request")

    def test_a_text_stays_a_text(self, plant: ApiUnderTest) -> None:
        """Operators of the database, markup and templates in a reason are kept as they were typed."""
        reason = "<script>alert(1)</script> {{7*7}} {'$gt': ''}"
        given = order(plant.client, reason=reason).get_json()
        assert plant.client.get(f"/api/commands/{given['command_id']}").get_json()["reason"] == reason
        assert (
            plant.client.get("/api/commands", query_string={"requested_by": '{"$ne": ""}'}).get_json()["commands"] == []
        )


class TestNames:
    def test_a_strangers_name_is_not_answered(self, plant: ApiUnderTest) -> None:
        """A page whose name was made to mean this machine (DNS rebinding) reads nothing, not even what anybody may."""
        for path in ("/metrics", "/runbook", "/openapi.json", "/api/devices"):
            answer = plant.nobody().get(path, headers={"Host": "evil.example:8000"})
            assert problem(answer) == (421, "foreign_host")
        for host in ("127.0.0.1:8000", "localhost", "control-api:8000"):
            assert plant.nobody().get("/runbook", headers={"Host": host}).status_code == 200
