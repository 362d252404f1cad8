"""Chance follows from seed, stream, moment and device, and from nothing else."""

import pytest

from simulator.machines.chance import MACHINE, TICK, generator


def test_the_same_question_has_the_same_answer() -> None:
    """Two generators of one moment draw the same numbers."""
    first, second = (generator(7, TICK, at_ms=1_000) for _ in range(2))
    assert first.random(5).tolist() == second.random(5).tolist()


@pytest.mark.parametrize(
    "other", [(8, TICK, 1_000, 0), (7, MACHINE, 1_000, 0), (7, TICK, 1_001, 0), (7, TICK, 1_000, 1)]
)
def test_another_question_has_another_answer(other: tuple[int, int, int, int]) -> None:
    """Seed, stream, moment and device each make a difference."""
    seed, stream, at_ms, device = other
    assert generator(7, TICK, at_ms=1_000).random() != generator(seed, stream, at_ms=at_ms, device=device).random()
