from control_api.production.rules import reason_named
from energytrack.production.rules import REASONS


def test_a_reason_is_named_by_its_code_or_by_its_text() -> None:
    for word in ("tool", "Tool change", " TOOL CHANGE "):
        reason = reason_named(word, REASONS)
        assert reason is not None
        assert reason.code == "tool"
    assert reason_named("mood", REASONS) is None
