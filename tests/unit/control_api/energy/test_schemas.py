import pytest
from pydantic import ValidationError

from control_api.energy.schemas import EnergyQuery
from testkit.dates import DAY


def test_days_are_named_from_and_to() -> None:
    query = EnergyQuery.model_validate({"from": DAY.isoformat(), "to": DAY.isoformat()})
    assert (query.first, query.last) == (DAY, DAY)


def test_a_year_that_no_plant_knew_is_refused() -> None:
    with pytest.raises(ValidationError):
        EnergyQuery.model_validate({"from": DAY.replace(year=1).isoformat()})
