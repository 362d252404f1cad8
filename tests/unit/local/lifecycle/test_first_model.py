"""A first model is trained where there is none, and where the one that is there would be refused."""

from pathlib import Path

import msgspec
import numpy as np
import sklearn

from local.lifecycle.first_model import why_train
from local.services.pipeline import model_file
from local.site import Site
from ml.features.spec import FEATURES_VERSION
from simulator.settings import PROFILES


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


def test_after_an_upgrade(tmp_path: Path) -> None:
    """Of this code, or of a library that the artifact is bound to."""
    assert "features of an earlier version" in why_train(a_site(tmp_path / "a", features_version=FEATURES_VERSION - 1))
    assert "trained with numpy 1.0.0" in why_train(a_site(tmp_path / "b", libraries={"numpy": "1.0.0"}))


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
