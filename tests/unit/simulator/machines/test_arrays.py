"""Arrays of the simulator's states."""

import numpy as np

from simulator.machines.arrays import changed
from simulator.plant.surroundings import Surroundings


def test_a_changed_state_leaves_the_one_before_as_it_was() -> None:
    """A step that is computed again begins with the very same state; what did not change is shared."""
    before = Surroundings(noise=np.zeros((3, 2)), place=np.zeros(2))
    after = changed(before, 1, place=0.5)
    assert after.place.tolist() == [0.0, 0.5]
    assert before.place.tolist() == [0.0, 0.0]
    assert after.noise is before.noise


def test_an_element_of_two_axes_is_changed_alone() -> None:
    before = Surroundings(noise=np.zeros((3, 2)), place=np.zeros(2))
    assert changed(before, (2, 0), noise=1.0).noise.tolist() == [[0.0, 0.0], [0.0, 0.0], [1.0, 0.0]]
