"""Tokens of scripts, and headers that are not believed."""

from datetime import timedelta

import pytest

from tests.integration.control_api.calls import order, problem
from tests.integration.control_api.conftest import ApiUnderTest


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
def test_a_forged_header_is_nobody(plant: ApiUnderTest, forged: dict[str, str]) -> None:
    """Identity comes from a session that Grafana confirms or a secret of ours, never from what a caller says."""
    assert problem(plant.nobody().get("/api/auth", headers=forged)) == (401, "not_signed_in")


class TestTokens:
    def test_a_token_needs_no_origin_and_has_its_role(self, plant: ApiUnderTest) -> None:
        """Scripts have no page; a Viewer's token reads only."""
        given = order(plant.script("Editor", "line-a")).get_json()
        assert given["requested_by"] == "token:line-a"
        assert problem(order(plant.script("Viewer"))) == (403, "not_allowed")

    def test_a_token_that_ended_lets_nobody_in(self, plant: ApiUnderTest) -> None:
        """By its time or by hand, at once."""
        client = plant.script("Viewer")
        assert client.get("/api/auth").status_code == 200
        (token,) = plant.services.store.tokens.all("token")
        plant.services.store.tokens.revoke(token.token_id, plant.clock.now())
        assert problem(client.get("/api/auth")) == (401, "not_signed_in")
        short = plant.script("Viewer")
        plant.clock.advance(24 * 3600)
        assert problem(short.get("/api/auth")) == (401, "not_signed_in")

    def test_only_a_digest_is_kept(self, plant: ApiUnderTest) -> None:
        """Whoever reads the database cannot sign in with what is there."""
        _, written = plant.services.credentials.issue("token", name="x", role="Admin", by="test", lasts=None)
        secret = written.split("_", 2)[2]
        (token,) = plant.services.store.tokens.all("token")
        assert secret.encode() not in token.digest
        assert len(token.digest) == 32

    def test_guessing_is_stopped(self, plant: ApiUnderTest) -> None:
        """After twenty wrong tokens from one address, whoever guesses has to wait."""
        guesser = plant.nobody()
        answers = [
            guesser.get("/api/auth", headers={"Authorization": f"Bearer et_{n}_{'x' * 43}"}).status_code
            for n in range(25)
        ]
        assert answers == [401] * 20 + [429] * 5

    def test_guessing_locks_nobody_out(self, plant: ApiUnderTest) -> None:
        """Whoever has a good token or a session goes on, from the guesser's own address too; a guesser still waits."""
        good = plant.script("Editor")
        wrong = {"Authorization": f"Bearer et_1_{'x' * 43}"}
        for _ in range(40):
            plant.nobody().get("/api/auth", headers=wrong)
        assert good.get("/api/auth").status_code == 200
        assert plant.client.get("/api/auth").status_code == 200
        assert order(good).status_code == 202
        alerting = {"Authorization": "Bearer the-alerting-token"}
        assert plant.nobody().post("/api/alerts", json={"alerts": []}, headers=alerting).status_code < 300
        assert problem(plant.nobody().get("/api/auth", headers=wrong)) == (429, "too_many_requests")

    def test_one_kind_of_secret_is_not_another(self, plant: ApiUnderTest) -> None:
        """A token is no session, a session no token, a link neither."""
        credentials = plant.services.credentials
        for kind in ("session", "link"):
            _, written = credentials.issue(kind, name="x", role="Admin", by="test", lasts=timedelta(hours=1))
            response = plant.nobody().get("/api/auth", headers={"Authorization": f"Bearer {written}"})
            assert problem(response) == (401, "not_signed_in")
