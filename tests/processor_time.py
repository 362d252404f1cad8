"""A plugin of `make check`: a test that takes many seconds of a processor fails unless it is marked `slow`.

On a busy machine, a test and the programs that it runs can take more than twice the processor time that they take on a
quiet one: whatever takes more than two seconds gets the mark; what takes more than eight without it is found here.
"""

import os
from collections.abc import Generator
from typing import Final

import pytest

LIMIT: Final = 8.0
"""Seconds, for a test and for what it is the first to ask for: fixtures, and libraries that are imported late."""

taken: Final = pytest.StashKey[float]()


def processor_seconds() -> float:
    """What this process and the programs that it waited for have taken so far."""
    return sum(os.times()[:4])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, None, None]:
    begun = processor_seconds()
    yield
    item.stash[taken] = processor_seconds() - begun


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    begun = processor_seconds()
    yield
    seconds = item.stash[taken] + processor_seconds() - begun
    if seconds > LIMIT and item.get_closest_marker("slow") is None:
        pytest.fail(
            f"It took {seconds:.1f} s of a processor; a test of `make check` takes {LIMIT:.0f} at most."
            " Make it quicker, or mark it with @pytest.mark.slow: then `make test` runs it, `make check` does not.",
            pytrace=False,
        )
