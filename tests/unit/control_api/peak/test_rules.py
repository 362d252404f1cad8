"""What the peak guard says, and what counts as avoided."""

from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from control_api.bulk.rules import PlanStep
from control_api.devices.rules import Machine
from control_api.peak.rules import ended, sentence_of, waiters_of
from energytrack.languages.told import told
from energytrack.languages.words import words_of
from energytrack.machines.state import MachineState
from energytrack.peak.forecast import Forecast
from energytrack.peak.rules import Deferrable, PeakRules
from energytrack.peak.worth import PeakTarget
from testkit.dates import NOW

PAID = PeakTarget(381.0, 9.80, is_expected=False)
RULES = PeakRules(idle_minutes=5.0, deferrable=(Deferrable(longest_minutes=20.0, line="shipping"),))


def a_machine(device_id: str, **fields: Any) -> Machine:
    given: dict[str, Any] = {
        "latest": MachineState(device_id), "device_type": "press", "line": "press-shop", "state": "running",
        "state_since": NOW - timedelta(hours=1), "silent": False, "clock_ahead_seconds": None, "power_watts": 9000.0,
        "in_shift": True, "lock": None, "open_order": None,
    }  # fmt: skip
    return Machine(**(given | fields))


def test_the_sentence_says_what_it_costs() -> None:
    told = sentence_of(Forecast(412.0, None, None, None), PAID, "EUR")
    assert told == "Ends at 412 kW, 31 above what is paid for (381 kW), costs 303.80 EUR."


def test_below_the_limit_it_costs_nothing() -> None:
    expected = replace_expected(PAID)
    told = sentence_of(Forecast(300.0, None, None, None), expected, "EUR")
    assert told == "Ends at 300 kW, 81 below what is expected of this month (381 kW)."
    assert sentence_of(Forecast(300.0, None, None, None), None, "EUR") == "Ends at 300 kW."


def test_every_sentence_is_known_in_german() -> None:
    said = [
        sentence_of(Forecast(kw, None, None, None), defence, "EUR")
        for kw in (300.0, 1412.0)
        for defence in (None, PAID, replace_expected(PAID))
    ]
    german = [told(each, words_of("de")) for each in said]
    assert german[4] == "Endet bei 1.412 kW, 1.031 über dem, was bezahlt ist (381 kW), kostet 10.103,80 EUR."
    assert all(each.startswith("Endet bei ") for each in german)
    assert not [each for each in german if "above" in each or "below" in each or "costs" in each]


def replace_expected(defence: PeakTarget) -> PeakTarget:
    return defence._replace(is_expected=True)


def test_who_may_wait() -> None:
    """Idle for long enough, or listed; not who is silent, locked or busy by the dry run."""
    machines = [
        a_machine("a", state="idle"),
        a_machine("b", state="idle", state_since=NOW - timedelta(minutes=1)),
        a_machine("c", line="shipping"),
        a_machine("d"),
        a_machine("e", line="shipping", silent=True),
    ]
    steps = [PlanStep(each.device_id, "silent" if each.silent else None, 5000.0) for each in machines]
    found = [(each.device_id, each.why, each.longest_minutes) for each in waiters_of(machines, steps, RULES, NOW)]
    assert found == [("a", "idle", None), ("c", "deferrable", 20.0)]


def test_avoided_is_the_forecast_at_the_first_shutdown_less_the_end() -> None:
    forecasts = [None, 400.0, 412.0, *[390.0] * 12]
    orders = [("late", NOW + timedelta(minutes=9)), ("first", NOW + timedelta(minutes=2, seconds=5))]
    found = ended(NOW, 385.0, forecasts, PAID, orders)
    assert (found.stopped, found.forecast_before_kw) == (("first", "late"), 412.0)
    assert (found.avoided_kw, found.avoided_cost) == (27.0, 264.6)


def test_a_shutdown_while_all_was_well_avoided_nothing() -> None:
    found = ended(NOW, 300.0, [350.0] * 15, PAID, [("a", NOW + timedelta(minutes=3))])
    assert (found.stopped, found.avoided_kw, found.limit_kw) == ((), None, 381.0)
    assert replace(found, limit_kw=None).limit_kw is None
