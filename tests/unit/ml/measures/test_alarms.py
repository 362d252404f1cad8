import numpy as np
import pytest

from ml.measures.alarms import NO_ALARM, AlarmRule, AlarmState, begun_by, episodes, failure_rule, next_state

RULE = AlarmRule(raise_at=0.5, clear_at=0.3)


def opened(values: list[float | None], rule: AlarmRule = RULE) -> list[bool]:
    """Whether the alarm is open after each second."""
    watch, states = NO_ALARM, []
    for second, value in enumerate(values):
        watch = next_state(watch, value, second * 1000, rule)
        states.append(watch.open)
    return states


def test_between_the_two_limits_nothing_changes() -> None:
    """Hysteresis: a value that wavers around one limit makes one alarm."""
    assert opened([0.4, 0.5, 0.4, 0.31, 0.29, 0.4]) == [False, True, True, True, False, False]


def test_an_alarm_waits_until_the_value_has_held() -> None:
    """A single spike raises nobody."""
    rule = AlarmRule(raise_at=0.5, clear_at=0.3, confirm_ms=2000)
    assert opened([0.9, 0.1, 0.9, 0.9, 0.9, 0.9], rule) == [False, False, False, False, True, True]


def test_after_an_alarm_there_is_rest() -> None:
    """Nothing is raised again during the cool-down."""
    rule = AlarmRule(raise_at=0.5, clear_at=0.3, cool_down_ms=3000)
    assert opened([0.9, 0.1, 0.9, 0.9, 0.9, 0.9], rule) == [True, False, False, False, True, True]


def test_what_is_not_known_clears_without_rest() -> None:
    """A machine that failed is repaired; what it shows then is new."""
    rule = AlarmRule(raise_at=0.5, clear_at=0.3, cool_down_ms=60_000)
    assert opened([0.9, None, 0.9], rule) == [True, False, True]


def test_a_calm_machine_needs_no_memory() -> None:
    """The state is the initial one again when nothing is left to remember."""
    assert next_state(AlarmState(since_ms=0), 0.1, 1000, RULE) == NO_ALARM
    assert next_state(AlarmState(rest_until_ms=500), 0.1, 1000, RULE) == NO_ALARM


def spells(
    values: list[float], rule: AlarmRule = RULE, *, at: list[int] | None = None, gap: int = 10
) -> list[list[int]]:
    moments = np.array(at if at is not None else range(len(values)), dtype=np.int64)
    found: list[list[int]] = episodes(
        np.zeros(len(values), dtype=np.int64), moments, np.array(values), rule, gap_ms=gap
    ).tolist()
    return found


def test_episodes_are_the_spells_in_which_the_state_is_open() -> None:
    """The whole series at once gives what going through it value by value gives."""
    assert spells([0.4, 0.5, 0.4, 0.2, 0.6, np.nan, 0.4]) == [[0, 1, 3], [0, 4, 5]]


def test_an_alarm_that_is_open_at_the_end_ends_there() -> None:
    """So does one that is open when the machine falls silent."""
    assert spells([0.1, 0.6, 0.6]) == [[0, 1, 2]]
    assert spells([0.6, 0.6, 0.4], at=[0, 1, 100]) == [[0, 0, 1]]


def test_machines_do_not_share_alarms() -> None:
    """Rows may come in any order; each machine is a series of its own."""
    device, at = np.array([1, 0, 1, 0]), np.array([1, 1, 0, 0])
    found = episodes(device, at, np.array([0.9, 0.1, 0.9, 0.4]), RULE, gap_ms=10)
    assert found.tolist() == [[1, 0, 1]]


def test_no_rows_make_no_alarms() -> None:
    """An empty table is a table."""
    empty = np.array([], dtype=np.int64)
    assert episodes(empty, empty, np.array([]), RULE, gap_ms=1).shape == (0, 3)


@pytest.mark.parametrize("threshold", [0.02, 0.5, 1.0])
def test_the_rule_for_failures_follows_its_threshold(threshold: float) -> None:
    """It clears below the threshold that raises."""
    rule = failure_rule(threshold)
    assert rule.clear_at < rule.raise_at == threshold


def test_an_alarm_of_a_clock_that_was_set_back_began_no_later_than_that() -> None:
    """And rests no longer than from then on; one that began before stays as it was."""
    rule = AlarmRule(raise_at=0.7, clear_at=0.4, confirm_ms=5_000, cool_down_ms=60_000)
    assert begun_by(AlarmState(since_ms=900_000), 600_000, rule) == AlarmState(since_ms=600_000)
    assert begun_by(AlarmState(rest_until_ms=900_000), 600_000, rule) == AlarmState(rest_until_ms=660_000)
    before = AlarmState(open=True, since_ms=500_000, rest_until_ms=0)
    assert begun_by(before, 600_000, rule) == before
