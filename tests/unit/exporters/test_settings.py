"""How long silence is borne."""

import pytest

from energytrack.errors import InvalidSettings
from exporters.settings import ExportersSettings
from testkit.exporters.devices import PATIENCE


def test_patience_comes_from_the_settings() -> None:
    assert ExportersSettings.from_env({}).patience() == PATIENCE


def test_a_machine_is_not_forgotten_at_once() -> None:
    with pytest.raises(InvalidSettings, match="ENERGYTRACK_EXPORTERS_FORGOTTEN_SECONDS"):
        ExportersSettings.from_env({"ENERGYTRACK_EXPORTERS_FORGOTTEN_SECONDS": "5"})
