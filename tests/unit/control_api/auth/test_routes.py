import pytest

from control_api.auth.routes import own_path


@pytest.mark.parametrize("path", ["/", "/devices/cnc-0007", "/alarms?severity=critical", "/schedules", "/orders"])
def test_sign_in_leads_on_to_the_page_that_was_asked_for(path: str) -> None:
    assert own_path(path) == path


@pytest.mark.parametrize("path", ["//evil.example", "https://evil.example", "/\\evil.example", "/alarms/../x", ""])
def test_sign_in_never_leads_to_another_host(path: str) -> None:
    """An open redirect would send people to a forged page."""
    assert own_path(path) == "/"
