import pytest

from control_api.auth.routes import own_path
from control_api.web.routes import VIEWS


@pytest.mark.parametrize(
    "path", ["/", "/devices/cnc-0007", "/alarms?severity=critical", *(f"/{view}" for view in VIEWS)]
)
def test_sign_in_leads_on_to_the_page_that_was_asked_for(path: str) -> None:
    assert own_path(path, VIEWS) == path


@pytest.mark.parametrize("path", ["//evil.example", "https://evil.example", "/\\evil.example", "/alarms/../x", ""])
def test_sign_in_never_leads_to_another_host(path: str) -> None:
    """An open redirect would send people to a forged page."""
    assert own_path(path, VIEWS) == "/"
