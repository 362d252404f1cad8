"""The names of gateways' users. What they may do is tried on a broker: tests/integration/bus/test_access.py."""

import pytest

from local.gateways import gateways_of, next_user


def test_users_that_are_no_gateways_are_left_out_and_the_oldest_comes_first() -> None:
    users = frozenset({"historian", "gateway-hall-2.10", "gateway-hall-2", "gateway-hall-2.2", "gateway-press"})
    assert gateways_of(users) == {
        "hall-2": ["gateway-hall-2", "gateway-hall-2.2", "gateway-hall-2.10"],
        "press": ["gateway-press"],
    }


@pytest.mark.parametrize(
    ("users", "expected"),
    [
        ([], "gateway-hall-2"),
        (["gateway-hall-2"], "gateway-hall-2.2"),
        (["gateway-hall-2", "gateway-hall-2.2"], "gateway-hall-2.3"),
        (["gateway-hall-2.9"], "gateway-hall-2.10"),
    ],
)
def test_a_number_is_never_used_twice(users: list[str], expected: str) -> None:
    assert next_user("hall-2", users) == expected
