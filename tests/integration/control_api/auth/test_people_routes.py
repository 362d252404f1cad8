"""Named people on a stack without Grafana."""

from control_api.auth.credentials import sign_in_link
from tests.integration.control_api.calls import order, problem
from tests.integration.control_api.conftest import ORIGIN, ApiUnderTest


def signed_in(plant: ApiUnderTest, link: str):  # type: ignore[no-untyped-def]
    client = plant.nobody()
    assert client.post("/sign-in", json={"code": link.partition("#code=")[2]}).status_code == 204
    csrf = client.get("/api/auth").get_json()["csrf"]
    client.environ_base |= {"HTTP_ORIGIN": ORIGIN, "HTTP_X_CSRF_TOKEN": csrf}
    return client


def test_each_person_has_a_link_and_is_known_by_name(plant: ApiUnderTest) -> None:
    """The first administrator invites the others; a link works once."""
    admin = signed_in(plant, sign_in_link(plant.services.credentials, [ORIGIN], by="start"))
    invited = admin.post("/api/people", json={"name": "Zoë M.", "role": "Editor"})
    assert invited.status_code == 201
    assert [(each["name"], each["state"]) for each in admin.get("/api/people").get_json()["people"]] == [
        ("Zoë M.", "invited"), ("admin", "signed in"),
    ]  # fmt: skip
    zoe = signed_in(plant, invited.get_json()["link"])
    assert zoe.get("/api/auth").get_json()["subject"] == "link:Zoë M."
    plant.says("press-0001", state="idle")
    assert order(zoe).get_json()["requested_by"] == "link:Zoë M."
    assert problem(zoe.post("/api/people", json={"name": "x"})) == (403, "not_allowed")
    assert admin.delete("/api/people/Zo%C3%AB%20M.").get_json() == {"revoked": 1}
    assert problem(zoe.get("/api/auth")) == (401, "not_signed_in")


def test_a_name_that_is_none_is_refused(plant: ApiUnderTest) -> None:
    admin = plant.signed_in("anna")
    for name in ("", " ", "a\nb", "<b>", "x" * 65):
        assert problem(admin.post("/api/people", json={"name": name}))[0] == 422
