"""The box through which faults reach the running simulator."""

import threading
from pathlib import Path

import pytest

from energytrack.clock import SystemClock
from simulator import inbox
from simulator.inbox import FolderBusy, Injection, InjectionAnswer, NobodyAnswers

BEARING = Injection("cnc-0001", "bearing_wear", 300.0)


def test_where_nobody_runs_nobody_answers(tmp_path: Path) -> None:
    """At once, and nothing is left in the box."""
    with pytest.raises(NobodyAnswers, match="no simulator runs on"):
        inbox.ask(tmp_path, BEARING, clock=SystemClock())
    assert inbox.requests(tmp_path) == []


def test_a_request_is_answered_and_gone(tmp_path: Path) -> None:
    """The one who asked hears the answer."""
    heard: list[InjectionAnswer] = []
    with inbox.held(tmp_path):
        asking = threading.Thread(target=lambda: heard.append(inbox.ask(tmp_path, BEARING, clock=SystemClock())))
        asking.start()
        while not (waiting := inbox.requests(tmp_path)):
            asking.join(0.01)
        ((path, injection),) = waiting
        assert injection == BEARING
        inbox.answer(path, InjectionAnswer(accepted=True, text="as you wish"))
        asking.join()
    assert heard == [InjectionAnswer(accepted=True, text="as you wish")]
    assert list((tmp_path / "inbox").iterdir()) == []


def test_a_simulator_that_does_not_answer_is_not_asked_twice(tmp_path: Path) -> None:
    """The request is taken back, so that nothing breaks later."""
    with inbox.held(tmp_path), pytest.raises(NobodyAnswers, match=r"did not answer within 0\.1 s"):
        inbox.ask(tmp_path, BEARING, clock=SystemClock(), patience=0.1)
    assert inbox.requests(tmp_path) == []


def test_two_simulators_do_not_share_a_folder(tmp_path: Path) -> None:
    """The second is refused, with what to do."""
    word = "ENERGYTRACK_SIMULATOR_STATE_FOLDER"
    with inbox.held(tmp_path), pytest.raises(FolderBusy, match=word), inbox.held(tmp_path):
        pass
    with inbox.held(tmp_path):
        pass


def test_a_request_that_nobody_understands_is_none(tmp_path: Path) -> None:
    """It is answered like any other."""
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "x.request").write_bytes(b"{}")
    assert [injection for _, injection in inbox.requests(tmp_path)] == [None]
