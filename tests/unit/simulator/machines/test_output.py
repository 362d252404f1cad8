import numpy as np
import pytest

from simulator.machines import output
from simulator.machines.chance import OUTPUT, generator
from testkit.builders.plants import a_factory

FLEET = a_factory(12).fleet
N = len(FLEET)


def after(hours: float, *, working: bool = True, unrest: float = 0.0, dt: float = 1.0) -> output.Output:
    state = output.none_made(N)
    for step in range(round(hours * 3600 / dt)):
        state = output.step(
            state, fleet=FLEET, working=np.full(N, working), unrest=np.full(N, unrest), dt=dt,
            rng=generator(7, OUTPUT, at_ms=step),
        )  # fmt: skip
    return state


@pytest.mark.parametrize("dt", [1.0, 60.0])
def test_a_working_machine_makes_parts_a_little_slower_than_it_could(dt: float) -> None:
    """However long the steps are."""
    ideal = 3600.0 / FLEET.cycle_seconds
    performance = after(1.0, dt=dt).parts / ideal
    assert np.all((performance > 0.80) & (performance < 1.0))


def test_a_machine_that_does_not_work_makes_none() -> None:
    assert after(0.2, working=False).parts.sum() == 0.0


def test_a_worn_machine_is_slower_and_spoils_more() -> None:
    sound, worn = after(1.0), after(1.0, unrest=1.0)
    assert worn.parts.sum() < sound.parts.sum()
    assert worn.scrap.sum() / worn.parts.sum() > 2.0 * sound.scrap.sum() / sound.parts.sum() > 0.0


def test_counters_show_whole_parts_of_which_some_are_spoiled() -> None:
    state = after(0.5)
    assert np.all(state.parts == np.floor(state.parts))
    assert np.all(state.scrap <= state.parts)
