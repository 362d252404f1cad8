"""What several processes of a run look at is made by the first of them."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from pickle import PicklingError

import pytest

from testkit.made_once import made_once


def test_the_first_makes_it_and_those_who_come_meanwhile_read_it(tmp_path: Path) -> None:
    made: list[str] = []

    def make() -> list[str]:
        made.append("once")
        return made

    with ThreadPoolExecutor(4) as pool:
        seen = list(pool.map(lambda _: made_once(tmp_path / "folder" / "thing", make), range(8)))
    assert (made, seen) == (["once"], [["once"]] * 8)


def test_what_broke_off_while_it_was_written_is_made_anew(tmp_path: Path) -> None:
    """Half a file would fail each test that reads it, for another reason than the first."""
    with pytest.raises((PicklingError, AttributeError)):
        made_once(tmp_path / "thing", lambda: [b"x" * 100_000, lambda: None])
    assert made_once(tmp_path / "thing", lambda: "whole") == "whole"
