"""Machines that ran until they failed."""

from pathlib import Path

import numpy as np
import pytest

from energytrack.errors import EnergyTrackError
from energytrack.events import Failure
from energytrack.importer.choices import UnreadableFile
from energytrack.importer.content import Content, Signals
from energytrack.importer.values.ends import lives_in, run_to_failure
from testkit.dates import NOW

HOUR_MS = 3_600_000
START_MS = round(NOW.timestamp() * 1000)


def run(hours: int) -> Signals:
    return Signals(START_MS + HOUR_MS * np.arange(hours), {"temperature": np.zeros(hours)})


ENGINES = Content("engines.txt", signals={"2": run(5), "1": run(3)})


def hours_of(content: Content) -> dict[str, float]:
    return {
        event.device_id: (event.timestamp - NOW).total_seconds() / 3600
        for event in content.events
        if isinstance(event, Failure)
    }


def test_each_machine_failed_at_its_last_reading() -> None:
    ended = run_to_failure(ENGINES)
    assert hours_of(ended) == {"2": 4.0, "1": 2.0}
    assert [event.device_id for event in ended.events] == ["1", "2"]  # oldest first, as those of a list


def test_or_so_many_steps_later_in_the_order_of_the_file() -> None:
    assert hours_of(run_to_failure(ENGINES, (10.0, 0.0))) == {"2": 14.0, "1": 2.0}


def test_a_machine_that_fails_again_in_another_file_has_two_failures() -> None:
    """The database keeps one event of an id, and leaves it as it is."""
    (first,) = run_to_failure(Content("run-1.txt", signals={"1": run(3)})).events
    (again,) = run_to_failure(Content("run-1.txt", signals={"1": run(3)})).events
    (second,) = run_to_failure(Content("run-2.txt", signals={"1": run(5)})).events
    assert first.event_id == again.event_id != second.event_id


def test_a_list_of_another_length_is_refused() -> None:
    with pytest.raises(UnreadableFile, match="2 machines, and the list of lives 3 lines"):
        run_to_failure(ENGINES, (1.0, 2.0, 3.0))
    with pytest.raises(UnreadableFile, match="no readings"):
        run_to_failure(Content("sap.csv"))


def test_steps_that_no_reading_measures_are_refused() -> None:
    """One reading says when a machine failed, but not how long a step is."""
    once = Content("engines.txt", signals={"2": run(1)})
    assert hours_of(run_to_failure(once)) == hours_of(run_to_failure(once, (0.0,))) == {"2": 0.0}
    with pytest.raises(UnreadableFile, match="2 has only one reading"):
        run_to_failure(once, (10.0,))
    with pytest.raises(UnreadableFile, match="far future"):
        run_to_failure(ENGINES, (1e6, 0.0))


def test_lives_are_a_number_a_line(tmp_path: Path) -> None:
    path = tmp_path / "lives.txt"
    path.write_text("112 \n98\r\n\n")
    assert lives_in(path) == (112.0, 98.0)
    for wrong in ("-3", "1.5", "soon", "99999999999"):
        path.write_text(f"1\n{wrong}\n")
        with pytest.raises(UnreadableFile, match="line 2: expected a number of steps"):
            lives_in(path)
    with pytest.raises(EnergyTrackError, match="cannot be read"):
        lives_in(tmp_path / "none.txt")
