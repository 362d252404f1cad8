import threading

from control_api.background import Background
from energytrack.errors import StoreUnavailable
from testkit.patience import seconds_here


def test_work_goes_on_when_a_server_is_back() -> None:
    """It is tried again after a pause."""
    done, attempts = threading.Event(), []
    background = Background(threading.Event())

    def work() -> None:
        attempts.append(1)
        if len(attempts) == 1:
            raise StoreUnavailable("nowhere", "away")
        done.set()
        background.stop.wait()

    background.keep("work", work)
    assert done.wait(seconds_here(20))
    background.end()
    assert len(attempts) == 2


def test_a_step_is_repeated_until_the_end() -> None:
    twice, steps = threading.Event(), []
    background = Background(threading.Event())

    def step() -> None:
        steps.append(1)
        if len(steps) >= 2:
            twice.set()

    background.every("step", 0.01, step)
    assert twice.wait(seconds_here(20))
    background.end()
    assert background.stop.is_set()
