"""A first model is trained where there is none, and where the one that is there would be refused."""

from pathlib import Path

import msgspec
import numpy as np
import pytest
import sklearn
from msgspec.structs import replace

from local.lifecycle.first_model import why_train
from local.services.pipeline import model_file, own_env
from local.services.secrets import ML_SIGNING_KEY
from local.site import Site
from ml.features.spec import FEATURES_VERSION
from ml.models.artifact import seal, write
from ml.models.self_test import SelfTest
from simulator.settings import PROFILES
from testkit.builders.recordings import a_champion


def a_site(var: Path, **card: object) -> Site:
    site = Site(var=var)
    file = model_file(site)
    file.parent.mkdir(parents=True)
    file.write_bytes(b"an artifact")
    model_card = {
        "features_version": FEATURES_VERSION,
        "libraries": {"scikit-learn": sklearn.__version__, "numpy": np.__version__},
        **card,
    }
    file.with_suffix(".json").write_bytes(msgspec.json.encode(model_card))
    return site


def test_a_model_that_fits_stays(tmp_path: Path) -> None:
    """Nothing is trained at a second start."""
    assert why_train(a_site(tmp_path)) == ""


def test_no_model(tmp_path: Path) -> None:
    """On a fresh machine."""
    assert why_train(Site(var=tmp_path)) == "There is no model yet."


def test_after_an_upgrade_of_features(tmp_path: Path) -> None:
    assert "features of an earlier version" in why_train(a_site(tmp_path, features_version=FEATURES_VERSION - 1))


@pytest.mark.parametrize(("said", "why"), [(0.5, ""), (0.6, "library version differs")])
def test_after_an_upgrade_of_a_library(tmp_path: Path, said: float, why: str) -> None:
    """A model, perhaps of real machines, stays where it still says what it said when it was trained."""
    site = Site(var=tmp_path)
    plain = a_champion(libraries={"numpy": "1.0.0", "scikit-learn": "1.0.0"})
    row = np.full((1, 1), 50.0, dtype="<f4")
    card = replace(plain.card, self_test=SelfTest(row.tobytes(), (said,)))
    write(model_file(site), *seal(plain.model, card, own_env(site, ML_SIGNING_KEY)[ML_SIGNING_KEY]))
    found = why_train(site)
    assert why in found
    assert bool(found) == bool(why)


def test_a_model_that_somebody_else_signed_is_not_opened(tmp_path: Path) -> None:
    """Whichever libraries it was trained with."""
    site = Site(var=tmp_path)
    plain = a_champion(libraries={"numpy": "1.0.0"})
    write(model_file(site), *seal(plain.model, plain.card, "a key of somebody else"))
    assert "signature differs" in why_train(site)


def test_a_broken_card(tmp_path: Path) -> None:
    """A model without its card is of no use to anybody."""
    site = a_site(tmp_path)
    model_file(site).with_suffix(".json").write_text("{", encoding="utf-8")
    assert "cannot be read" in why_train(site)


def test_another_pace(tmp_path: Path) -> None:
    """A model of a simulated plant knows its speed; one of real machines is never replaced."""
    simulated = {"name": "simulated plant, seed 1"}
    assert "another speed" in why_train(a_site(tmp_path / "a", horizon_hours=24.0, trained_on=simulated))
    assert why_train(a_site(tmp_path / "b", horizon_hours=24.0, trained_on={"name": "our press shop"})) == ""
    fits = PROFILES["demo"].horizon_hours
    assert why_train(a_site(tmp_path / "c", horizon_hours=round(fits, 4), trained_on=simulated)) == ""
