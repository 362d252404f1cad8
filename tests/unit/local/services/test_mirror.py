"""MirrorMaker's password for the centre: what is wrong with its file is said before anything starts."""

from pathlib import Path

import pytest

from energytrack.centre.settings import CentreSettings
from local.errors import CannotPrepare
from local.services.mirror import prepare_mirror
from local.site import Site


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (None, "cannot be read: .*No such file"),
        (b"secret\n", "has to hold the password and nothing else, no line end either"),
        (b"", "has to hold the password"),
        (b"\xff", "cannot be read: 'utf-8' codec"),
    ],
)
def test_a_password_that_mirrormaker_could_not_use_is_refused(
    content: bytes | None, complaint: str, tmp_path: Path
) -> None:
    file = tmp_path / "password"
    if content is not None:
        file.write_bytes(content)
    centre = CentreSettings(plant="plant-a", kafka_servers="centre.example:9093", password_file=file)
    with pytest.raises(CannotPrepare, match=f"ENERGYTRACK_CENTRE_PASSWORD_FILE: .*{complaint}") as refused:
        prepare_mirror(Site(var=tmp_path / "var", centre=centre))
    assert "secret" not in str(refused.value)
    assert not (tmp_path / "var").exists()


def test_a_centre_that_asks_for_a_password_gets_one(tmp_path: Path) -> None:
    centre = CentreSettings(plant="plant-a", kafka_servers="centre.example:9093")
    with pytest.raises(CannotPrepare, match="ENERGYTRACK_CENTRE_PASSWORD_FILE: needed, because the centre's Kafka"):
        prepare_mirror(Site(var=tmp_path / "var", centre=centre))
