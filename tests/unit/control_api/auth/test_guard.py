from control_api.auth.guard import sign_in_help
from control_api.settings import ControlApiSettings


def test_sign_in_is_explained_for_this_stack() -> None:
    """Grafana where there is one, a link where there is none; a token for scripts on both."""
    with_grafana = sign_in_help(
        ControlApiSettings.from_env({"ENERGYTRACK_CONTROL_API_GRAFANA_URL": "http://127.0.0.1:3000"})
    )
    without = sign_in_help(ControlApiSettings.from_env({}))
    assert with_grafana.startswith("Sign in to Grafana")
    assert "./et control_api link" in without
    assert "Grafana" not in without
    assert all("tokens create" in sentence for sentence in (with_grafana, without))
