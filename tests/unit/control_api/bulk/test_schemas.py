import pytest

from control_api.bulk.rules import Selection
from control_api.bulk.schemas import SelectionRequest
from control_api.http.problems import Problem


def test_a_selection_means_what_was_sent() -> None:
    request = SelectionRequest.model_validate({"line": "press-shop", "device_ids": ["press-0001"], "idle_minutes": 5})
    assert request.selection() == Selection(line="press-shop", device_ids=("press-0001",), idle_minutes=5)


def test_a_selection_of_everything_is_refused() -> None:
    """Nobody stops a whole plant by leaving a field out."""
    with pytest.raises(Problem, match="name a line"):
        SelectionRequest().selection()
