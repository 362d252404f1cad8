"""Where a copy of the stack lives."""

from pathlib import Path

import pytest

from local.site import HOST, Ports, Site


def test_everything_of_a_site_lies_in_its_folder_and_listens_here() -> None:
    site = Site(var=Path("/srv/plant/var"))
    assert site.log("kafka") == Path("/srv/plant/var/log/kafka.log")
    assert site.address(9092) == f"{HOST}:9092"
    assert site.url(8000, "/healthz") == f"http://{HOST}:8000/healthz"


@pytest.mark.parametrize("offset", [1, 100, 20_000])
def test_two_sites_share_a_machine(offset: int) -> None:
    """All ports move by as much, and none of them meets another."""
    plain, moved = dict(Ports().items()), dict(Ports().shifted(offset).items())
    assert {name: port + offset for name, port in plain.items()} == moved
    assert len(set(moved.values())) == len(moved)
