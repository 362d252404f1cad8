from typing import Any

import pytest
from msgspec.structs import replace

from energytrack.ledger.sums import FIELDS, NOTHING, EnergySums, total
from testkit.builders.ledger import a_day


def test_the_sum_of_the_quarter_hours_is_the_day() -> None:
    day = a_day(measured_kwh={3: 1.5, 4: 2.25}, suspect_kwh={4: 3.0}, price_per_kwh={3: 0.2, 4: 0.3})
    summed, whole = total(quarter.sums for quarter in day.quarters()), day.sums()
    assert [getattr(summed, name) for name in FIELDS] == pytest.approx([getattr(whole, name) for name in FIELDS])


def test_two_sums_add_up() -> None:
    assert EnergySums(measured_kwh=1.0, cost=0.5) + EnergySums(bridged_kwh=2.0) == EnergySums(
        measured_kwh=1.0, bridged_kwh=2.0, cost=0.5
    )
    assert total([]) == NOTHING


def test_nothing_known_is_not_zero() -> None:
    assert NOTHING.kwh is None
    assert EnergySums(measured_seconds=1.0).kwh == 0.0


def test_the_price_of_a_part_is_a_cost_and_of_nothing_is_none() -> None:
    assert EnergySums(measured_kwh=2.0, unpriced_kwh=2.0).known_cost is None
    assert EnergySums(measured_kwh=2.0, unpriced_kwh=1.0, cost=0.3).known_cost == 0.3


def test_energy_and_cost_per_part_are_of_the_time_in_which_parts_were_counted() -> None:
    """Of four quarter hours: one without a count, one without known energy, one without a price."""
    parts = (10.0, 0.0, 10.0, 10.0, *(None,) * 92)
    day = a_day(
        measured_kwh={0: 4.0, 1: 1.0, 3: 5.0, 4: 99.0}, measured_seconds={0: 900.0, 1: 900.0, 3: 900.0, 4: 900.0},
        parts=parts,
    )  # fmt: skip
    sums = replace(day, price_per_kwh=(0.2, 0.2, 0.2, None, *(0.2,) * 92)).sums()
    assert (sums.parts, sums.metered_parts, sums.priced_parts) == (30.0, 20.0, 10.0)
    assert sums.kwh_per_part == pytest.approx(10.0 / 20.0)
    assert sums.cost_per_part == pytest.approx(0.2 * 5.0 / 10.0)


@pytest.mark.parametrize(
    "known_in_part",
    [{"measured_seconds": 300.0}, {"measured_seconds": 300.0, "unknown_seconds": 600.0}, {"suspect_kwh": 7.0}],
    ids=["not over yet", "edge of a gap", "suspect"],
)
def test_a_part_of_a_quarter_hour_s_energy_is_not_divided_by_all_of_its_parts(known_in_part: dict[str, float]) -> None:
    """Two kilowatt hours and ten parts each; one quarter hour knows only some of its energy."""
    columns: dict[str, Any] = {
        "measured_kwh": {0: 2.0, 1: 2.0, 2: 0.7},
        "measured_seconds": {0: 900.0, 1: 900.0, 2: 900.0},
    }
    for name, value in known_in_part.items():
        columns[name] = columns.get(name, {}) | {2: value}
    sums = a_day(parts=(10.0, 10.0, 10.0, *(None,) * 93), **columns).sums()
    assert (sums.parts, sums.metered_parts, sums.priced_parts) == (30.0, 20.0, 20.0)
    assert sums.kwh_per_part == pytest.approx(0.2)
    assert sums.cost_per_part == pytest.approx(0.2 * 0.25)


def test_without_parts_there_is_nothing_per_part() -> None:
    assert a_day().sums().kwh_per_part is None
    assert a_day(parts=(0.0,) * 96).sums().kwh_per_part is None
    assert a_day(parts=(0.0,) * 96).sums().known_parts == 0.0
    assert a_day(parts=(1.0,) * 96).sums().known_scrap is None
    assert a_day(parts=(1.0,) * 96, scrap=(0.0,) * 96).sums().known_scrap == 0.0
