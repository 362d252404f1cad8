"""People see what they have changed."""

import pytest

from control_api.auth import own_changes
from control_api.auth.own_changes import OwnChanges
from energytrack.clock import ManualClock
from testkit.builders.messages import NOW


def test_what_was_read_before_a_callers_change_does_not_contain_it() -> None:
    """For this caller; others are shown its age."""
    changes = OwnChanges(clock := ManualClock(NOW))
    clock.advance(10)
    changes.note("grafana:maria")
    assert not changes.is_seen("grafana:maria", 9.9)
    assert changes.is_seen("grafana:maria", 10.0)
    assert changes.is_seen("grafana:victor", 9.9)


def test_changes_fill_a_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of long ago go first."""
    monkeypatch.setattr(own_changes, "MOST_CALLERS", 2)
    changes = OwnChanges(clock := ManualClock(NOW))
    clock.advance(10)
    for subject in ("a", "b", "a", "c"):
        changes.note(subject)
    assert [changes.is_seen(subject, 9.0) for subject in ("a", "b", "c")] == [False, True, False]
