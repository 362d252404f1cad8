"""A machine's latest state: what is news of it, and what is not."""

from datetime import timedelta

import pytest

from energytrack.machines.state import MachineState, is_news, with_message
from energytrack.messages import Message
from testkit.builders.messages import NOW, a_command, a_reading, an_event, an_insight

SECOND = timedelta(seconds=1)
HOURS_AHEAD = timedelta(hours=20)


def after(*messages: Message) -> MachineState:
    state = MachineState("cnc-0007")
    for message in messages:
        state = with_message(state, message, NOW)
    return state


@pytest.mark.parametrize("message", [a_reading(), an_insight(), an_event("state_changed")])
def test_what_is_no_news_returns_the_very_same_object(message: Message) -> None:
    state = with_message(MachineState("cnc-0007"), message, NOW)
    assert with_message(state, message, NOW) is state


@pytest.mark.parametrize("message", [a_command(), an_event("fault_code"), an_event("command_result")])
def test_what_says_nothing_of_the_state_changes_nothing(message: Message) -> None:
    state = after(a_reading())
    assert with_message(state, message, NOW) is state


def test_a_late_reading_changes_nothing() -> None:
    assert after(a_reading(), a_reading(timestamp=NOW - SECOND, state="failed")).reading == a_reading()


def test_a_clock_that_was_hours_ahead_gives_way_to_a_sane_one() -> None:
    """Its reading, and a state from an event before it."""
    state = after(
        a_reading(timestamp=NOW + HOURS_AHEAD, temperature=20.0),
        an_event("state_changed", timestamp=NOW + HOURS_AHEAD, state="stopped"),
        a_reading(temperature=95.0, state="failed"),
    )
    assert (state.reading, state.state) == (a_reading(temperature=95.0, state="failed"), "failed")


def test_an_answer_to_an_order_tells_the_state_too() -> None:
    state = after(a_reading(), an_event("command_result", timestamp=NOW + SECOND, state="stopped"))
    assert (state.state, state.state_at) == ("stopped", NOW + SECOND)


def test_where_nobody_says_what_a_machine_does_nobody_knows() -> None:
    assert after(a_reading(state=None)).state is None


def test_two_readings_of_a_clock_that_runs_ahead_keep_their_order() -> None:
    ahead = NOW + HOURS_AHEAD
    assert is_news(ahead, ahead + SECOND, NOW)
    assert not is_news(ahead, ahead - SECOND, NOW)
