"""What a baseline may be about."""

from datetime import timedelta
from typing import Any

import pytest

from control_api.baselines.rules import complaint, name_of
from energytrack.baselines.comparison import boundary_of
from energytrack.baselines.reading import Boundary
from testkit import dates
from testkit.builders.baselines import a_baseline

TODAY = dates.DAY
ONE = timedelta(days=1)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"boundary": Boundary("all", device_id="a", device_type="b")}, "Name one of"),
        ({"first": TODAY - ONE, "last": TODAY - 2 * ONE}, "is after"),
        ({"last": TODAY}, "must be a day that is over"),
        ({"first": TODAY - 1200 * ONE}, "at most three years"),
        ({"variables": [f"v{n}" for n in range(13)]}, "at most 12"),
        ({"variables": ["parts", "parts"]}, "named twice"),
    ],
)
def test_what_cannot_be_is_a_sentence(wrong: dict[str, Any], said: str) -> None:
    given: dict[str, Any] = {"boundary": Boundary("all"), "first": TODAY - 90 * ONE, "last": TODAY - ONE,
                             "variables": ["parts"], "today": TODAY}  # fmt: skip
    assert complaint(**given) is None
    assert said in (complaint(**(given | wrong)) or "")


def test_a_baseline_is_called_after_what_it_is_about() -> None:
    assert name_of(boundary_of(a_baseline())) == "press-0003 out of shift"
    assert name_of(Boundary("all")) == "the plant"
    assert name_of(Boundary("all", device_type="cnc_machine")) == "cnc machine"
