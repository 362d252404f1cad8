"""Settings of models and of retraining."""

import pytest

from energytrack.errors import InvalidSettings
from ml.settings import JoblibSettings, MlSettings, RetrainSettings


def test_a_controllers_codes_speak_for_recommendations() -> None:
    settings = MlSettings.from_env({"ENERGYTRACK_ML_CODE_HINTS": "W-210=change_tool, W-31 = check_leaks,"})
    assert settings.fault_codes() == {"W-210": "change_tool", "W-31": "check_leaks"}
    assert MlSettings.from_env({}).fault_codes() == {}


@pytest.mark.parametrize("hints", ["W-210", "=change_tool", "W-210=dance", "W-210=change_tool,W-31"])
def test_a_hint_that_names_no_recommendation_is_refused(hints: str) -> None:
    """With those that there are."""
    with pytest.raises(InvalidSettings, match="check_sensor"):
        MlSettings.from_env({"ENERGYTRACK_ML_CODE_HINTS": hints})


def test_the_signing_key_is_shown_to_nobody_who_prints_settings() -> None:
    settings = MlSettings.from_env({"ENERGYTRACK_ML_SIGNING_KEY": "hush"})
    assert settings.key() == "hush"
    assert "hush" not in repr(settings)
    assert MlSettings.from_env({}).key() is None


@pytest.mark.parametrize(("written", "days"), [("never", ""), ("mon,thu", "mon,thu"), (" sun , mon", " sun , mon")])
def test_days_of_retraining_are_weekdays_or_none(written: str, days: str) -> None:
    assert RetrainSettings.from_env({"ENERGYTRACK_RETRAIN_DAYS": written}).days == days


@pytest.mark.parametrize("written", ["sunday", "mon;tue", "never,mon"])
def test_other_days_are_refused(written: str) -> None:
    with pytest.raises(InvalidSettings, match="ENERGYTRACK_RETRAIN_DAYS"):
        RetrainSettings.from_env({"ENERGYTRACK_RETRAIN_DAYS": written})


@pytest.mark.parametrize("at", ["24:00", "3:00", "03:60"])
def test_a_time_that_no_clock_shows_is_refused(at: str) -> None:
    with pytest.raises(InvalidSettings, match="ENERGYTRACK_RETRAIN_AT"):
        RetrainSettings.from_env({"ENERGYTRACK_RETRAIN_AT": at})


def test_a_cluster_needs_an_address() -> None:
    """Training on this machine needs none."""
    assert JoblibSettings.from_env({}).address == ""
    with pytest.raises(InvalidSettings, match="ENERGYTRACK_ML_JOBLIB_ADDRESS"):
        JoblibSettings.from_env({"ENERGYTRACK_ML_JOBLIB_BACKEND": "dask", "ENERGYTRACK_ML_JOBLIB_ADDRESS": ""})
