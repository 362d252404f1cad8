import pytest

from energytrack.ledger.correction import decided
from testkit.builders.ledger import a_correction, a_day

SUSPECT = a_day(suspect_kwh={4: 7.0, 5: 3.0})


def test_accepted_energy_counts_and_is_suspect_no_more() -> None:
    day = decided(SUSPECT, [a_correction(4, 2, suspect_kwh=(7.0, 3.0))])
    assert day.sums().kwh == pytest.approx(96 * 2.0 + 10.0)
    assert (day.sums().corrected_kwh, day.sums().suspect_kwh) == (10.0, 0.0)
    assert day.quarter(4).correction_id == "01A"
    assert day.revision == SUSPECT.revision + 1


def test_rejected_energy_counts_nowhere() -> None:
    day = decided(SUSPECT, [a_correction(4, 2, decision="reject", suspect_kwh=(7.0, 3.0))])
    assert (day.sums().kwh, day.sums().suspect_kwh) == (96 * 2.0, 0.0)


def test_a_decision_holds_for_the_energy_that_somebody_saw() -> None:
    day = decided(SUSPECT, [a_correction(4, 2, suspect_kwh=(5.0, 3.0))])
    assert (day.sums().corrected_kwh, day.sums().suspect_kwh) == (8.0, 2.0)


def test_a_value_replaces_all_that_the_meter_says_and_is_spread_evenly() -> None:
    day = decided(SUSPECT, [a_correction(4, 2, decision="value", kwh=1.0)])
    assert [day.quarter(index).kwh for index in (3, 4, 5, 6)] == [2.0, 0.5, 0.5, 2.0]
    assert day.quarter(4).sums.corrected_seconds == 900.0
    assert day.quarter(4).sums.idle_kwh == pytest.approx(0.5 * 0.25)
    assert day.quarter(4).sums.cost == pytest.approx(0.125)
    assert day.sums().suspect_kwh == 0.0


def test_a_value_of_zero_is_known() -> None:
    day = decided(a_day(measured_kwh=0.0, measured_seconds=0.0), [a_correction(4, decision="value", kwh=0.0)])
    assert (day.quarter(3).kwh, day.quarter(4).kwh) == (None, 0.0)


def test_the_last_decision_holds_and_a_withdrawn_one_leaves_the_meters_word() -> None:
    first = a_correction(4, decision="value", kwh=1.0, correction_id="01A")
    second = a_correction(4, decision="value", kwh=5.0, correction_id="01B")
    withdrawn = a_correction(4, decision="withdraw", correction_id="01C")
    assert decided(SUSPECT, [second, first]).quarter(4).kwh == 5.0
    day = decided(SUSPECT, [withdrawn, second, first])
    assert day.quarter(4) == SUSPECT.quarter(4)
    assert day.revision == SUSPECT.revision + 3


def test_decisions_about_other_machines_and_days_are_left_out() -> None:
    others = [a_correction(4, device_id="cnc-0008"), a_correction(4 + 96), a_correction(-1)]
    assert decided(SUSPECT, others) is SUSPECT
