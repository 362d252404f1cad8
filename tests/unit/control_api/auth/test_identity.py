import pytest

from control_api.auth.identity import RANKS, Identity, Role


@pytest.mark.parametrize("role", list(RANKS))
@pytest.mark.parametrize("least", list(RANKS))
def test_a_role_may_what_the_lesser_ones_may(role: Role, least: Role) -> None:
    """Viewer, Editor, Admin."""
    order = ["Viewer", "Editor", "Admin"]
    assert Identity("grafana:maria", role).may(least) == (order.index(role) >= order.index(least))
