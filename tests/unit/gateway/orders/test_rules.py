"""What becomes of an order, before and after its value is written."""

from datetime import timedelta
from pathlib import Path

import pytest

from energytrack.fields import State
from gateway.orders.allowed import AllowList
from gateway.orders.journal import Journal
from gateway.orders.rules import ObservedState, OrderOutcome, after_writing, answer, at_once, before_writing
from testkit.builders.messages import NOW, a_command
from testkit.gateways.machine import ALLOWED, MACHINE

SHUTDOWN = a_command(MACHINE)
RESTART = a_command(MACHINE, action="restart")
STOP, START = (ALLOWED.machines[MACHINE].actions[action] for action in ("shutdown", "restart"))


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "orders.json")


def test_an_order_that_is_allowed_is_carried_out(journal: Journal) -> None:
    assert at_once(SHUTDOWN, ALLOWED, journal, NOW) is None


def test_an_order_that_arrives_too_late_is_expired(journal: Journal) -> None:
    verdict = at_once(SHUTDOWN, ALLOWED, journal, SHUTDOWN.expires_at)
    assert verdict == OrderOutcome("expired", None, "it arrived too late")


def test_what_is_not_on_the_list_is_refused(journal: Journal) -> None:
    machine = ALLOWED.machines[MACHINE]
    only_stop = AllowList({MACHINE: type(machine)(machine.endpoint, machine.state, {"shutdown": STOP})})
    verdict = at_once(RESTART, only_stop, journal, NOW)
    assert verdict is not None
    assert (verdict.outcome, verdict.detail) == ("refused", f"the gateway's list does not allow restart for {MACHINE}")


def test_one_order_after_the_other(journal: Journal) -> None:
    journal.accept(SHUTDOWN)
    later = a_command(MACHINE, action="restart", command_id="01LATER")
    assert at_once(later, ALLOWED, journal, NOW) == OrderOutcome(
        "refused", None, "another order is in progress: shutdown"
    )


@pytest.mark.parametrize(
    ("look", "outcome", "detail"),
    [
        (
            ObservedState("running", released=False),
            "refused",
            "it is locked at the machine: its switch is not on remote",
        ),
        (ObservedState("failed", released=True), "refused", "it has failed, and must be repaired first"),
        (
            ObservedState("maintenance", released=True),
            "refused",
            "people are working on it: maintenance is in progress",
        ),
        (ObservedState(None, released=True, problem="its state is 17"), "refused", "its state is 17"),
        (ObservedState("stopped", released=True), "done", "it was already"),
    ],
)
def test_a_machine_that_must_not_get_an_order_gets_none(look: ObservedState, outcome: str, detail: str) -> None:
    assert before_writing(SHUTDOWN, STOP, look, NOW) == OrderOutcome(outcome, look.state, detail)  # type: ignore[arg-type]


def test_a_running_machine_may_be_restarted() -> None:
    assert before_writing(RESTART, START, ObservedState("running", released=True), NOW) is None


def test_an_order_may_expire_while_its_machine_is_reached() -> None:
    verdict = before_writing(SHUTDOWN, STOP, ObservedState("running", released=True), SHUTDOWN.expires_at)
    assert verdict is not None
    assert verdict.outcome == "expired"


@pytest.mark.parametrize(
    ("state", "seconds", "outcome"),
    [("stopped", 0.5, "done"), ("running", 0.5, None), ("failed", 0.5, "failed"), ("maintenance", 0.5, "failed"),
     ("running", 60.0, "failed")],
)  # fmt: skip
def test_it_is_done_when_the_machine_says_so(state: State, seconds: float, outcome: str | None) -> None:
    verdict = after_writing(STOP, ObservedState(state, released=True), seconds)
    assert (verdict.outcome if verdict else None) == outcome


def test_an_answer_tells_the_order_and_counts_once() -> None:
    first = answer(SHUTDOWN, OrderOutcome("done", "stopped", ""), NOW)
    again = answer(SHUTDOWN, OrderOutcome("done", "stopped", ""), NOW + timedelta(seconds=9))
    assert first.event_id == again.event_id
    assert (first.command_id, first.device_id, first.outcome, first.state) == ("01CMD", MACHINE, "done", "stopped")
