"""What is wrong with a meter is named, with the step that mends it; what is right is not called wrong."""

import math
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from gateway.physics.finding import Finding, MeterSnapshot
from gateway.physics.judge import findings
from gateway.profile import MeterProfile, Quantity, load
from gateway.registers import encode
from testkit.gateways.meter_values import at_work

PROFILE = load("eastron-sdm630")
SECONDS = 30.0


def judged(values: Mapping[Quantity, float], *, rise: float | None = None, seconds: float = SECONDS) -> list[Finding]:
    """Of a meter that shows these values, and whose register rises by its power unless a test says otherwise."""
    rose = values["power"] * seconds / 3.6e6 if rise is None else rise
    before = {**values, "energy_kwh": values["energy_kwh"] - rose}
    return findings(PROFILE, [MeterSnapshot(0.0, before), MeterSnapshot(seconds, values)])


def wrong(found: list[Finding]) -> list[Finding]:
    return [finding for finding in found if finding.grade == "wrong"]


def test_a_meter_that_is_wired_rightly_has_nothing_wrong() -> None:
    assert {finding.grade for finding in judged(at_work())} == {"ok"}


@given(lag=st.floats(0, 75), volts=st.floats(100, 280), amperes=st.floats(0.5, 800), uneven=st.floats(0.9, 1.1))
def test_no_ordinary_load_is_called_wrong(lag: float, volts: float, amperes: float, uneven: float) -> None:
    values = at_work(volts=volts, amperes=amperes, lag=lag, uneven=uneven)
    assert wrong(judged(values)) == []


@pytest.mark.parametrize("phase", ["l1", "l2", "l3"])
@pytest.mark.parametrize("lag", [0.0, 15.0, 40.0, 60.0])
def test_a_reversed_transformer_is_named_with_its_phase(phase: str, lag: float) -> None:
    (finding,) = wrong(judged(at_work(lag=lag, reversed_=phase)))[:1]
    assert finding.subject == f"power {phase.upper()}"
    assert f"turn the current transformer of {phase.upper()} around" in finding.remedy


@pytest.mark.parametrize("pair", [("l1", "l2"), ("l2", "l3"), ("l1", "l3")])
@pytest.mark.parametrize("lag", [0.0, 15.0, 25.0, 40.0, 60.0])
def test_swapped_phases_are_named(pair: tuple[str, str], lag: float) -> None:
    found = wrong(judged(at_work(lag=lag, swapped=pair)))
    assert found[0].subject == "wiring"
    assert " and ".join(sorted(name.upper() for name in pair)) in sorted_pairs(found[0].text)


def sorted_pairs(text: str) -> str:
    pairs = text.split(": ")[1].removesuffix(" are measured in each other's phase").split(" or ")
    return " or ".join(" and ".join(sorted(pair.split(" and "))) for pair in pairs)


def test_everything_reversed_may_also_be_a_machine_that_feeds_back() -> None:
    values = {name: -value if name.startswith("power") and name != "power_factor" else value
              for name, value in at_work().items()}  # fmt: skip
    assert "reversed, or the machine feeds back" in wrong(judged(values))[0].remedy


@pytest.mark.parametrize(
    ("factor", "remedy"),
    [(1000.0, "it counts Wh: --scale energy_kwh=0.001"), (0.001, "it counts MWh: --scale energy_kwh=1000"),
     (10.0, "--scale energy_kwh=0.1"), (-1.0, "runs backwards")],
)  # fmt: skip
def test_the_unit_of_the_register_is_inferred_from_its_slope(factor: float, remedy: str) -> None:
    values = at_work(volts=230, amperes=200)
    true = values["power"] * SECONDS / 3.6e6
    (finding,) = wrong(judged(values, rise=true * factor))
    assert finding.subject == "register"
    assert remedy in finding.remedy


def test_a_register_that_has_not_moved_yet_is_unproven_and_says_for_how_long_to_look() -> None:
    (finding,) = [f for f in judged(at_work(), rise=0.0) if f.grade != "ok"]
    assert (finding.grade, finding.subject) == ("unproven", "register")
    assert finding.remedy.startswith("check for longer: --seconds ")


def test_one_step_of_a_coarse_register_proves_nothing() -> None:
    (finding,) = [f for f in judged(at_work(), rise=0.37) if f.grade != "ok"]
    assert (finding.grade, finding.subject) == ("unproven", "register")


@pytest.mark.parametrize(
    ("factor", "remedy"),
    [(0.001, "off by a factor of 0.001: --scale power=1000"), (1000.0, "--scale power=0.001"),
     (1 / 3, "one phase instead of three"), (-1.0, "the sign differs")],
)  # fmt: skip
def test_the_total_is_compared_with_its_parts(factor: float, remedy: str) -> None:
    values = at_work()
    found = wrong(judged({**values, "power": values["power"] * factor}, rise=values["power"] * SECONDS / 3.6e6))
    assert any(finding.subject == "power" and remedy in finding.remedy for finding in found)


@pytest.mark.parametrize("factor", [0.001, 10.0, 1000.0])
def test_phases_whose_power_has_another_scale_than_their_current(factor: float) -> None:
    values = {name: value * factor if name in {"power_l1", "power_l2", "power_l3"} else value
              for name, value in at_work().items()}  # fmt: skip
    found = [finding for finding in wrong(judged(values)) if finding.subject == "power L1"]
    assert f"--scale power_l1={1 / factor:g}" in found[0].remedy


def test_voltages_between_phases_are_not_those_to_neutral() -> None:
    values = {**at_work(), "voltage_l1": 398.0}
    assert any("between phases" in finding.text for finding in wrong(judged(values)))


@pytest.mark.parametrize(("volts", "scale"), [(2301.0, "0.1"), (23010.0, "0.01"), (0.2301, None), (23.01, "10")])
def test_a_voltage_of_another_scale(volts: float, scale: str | None) -> None:
    found = [f for f in judged({**at_work(), "voltage_l1": volts}) if f.subject == "voltage L1"]
    assert found[0].remedy == (f"--scale voltage_l1={scale}" if scale else "")


def test_milliamperes_are_not_amperes() -> None:
    values = {name: value * 1000 if name.startswith("current") else value for name, value in at_work().items()}
    assert any("milliamperes" in finding.text for finding in wrong(judged(values)))


def test_without_current_nothing_is_claimed() -> None:
    values = {name: 0.0 if name.startswith(("current", "power")) else value for name, value in at_work().items()}
    found = judged(values, rise=0.0)
    assert wrong(found) == []
    assert "switch the machine on" in next(f.remedy for f in found if f.subject == "current")


def test_a_phase_without_current_is_asked_about() -> None:
    values = {**at_work(), "current_l2": 0.0, "power_l2": 0.0}
    values["power"] = values["power_l1"] + values["power_l3"]
    assert any(f.subject == "current L2" and f.grade == "unproven" for f in judged(values))


@pytest.mark.parametrize("order", ["CDAB", "BADC", "DCBA"])
@pytest.mark.parametrize("name", ["eastron-sdm630", "janitza-umg", "schneider-iem3155", "siemens-pac2200"])
def test_the_order_of_bytes_is_found(order: str, name: str) -> None:
    """The meter sends in `order`, the profile reads ABCD."""
    profile = load(name)
    finding = in_another_order(profile, order)[0]
    assert (finding.grade, finding.subject, finding.remedy) == ("wrong", "byte order", f"--byte-order {order}")


def in_another_order(profile: MeterProfile, order: str) -> list[Finding]:
    from gateway.registers import decode

    values, words = {}, {}
    sent = replace(profile, byte_order=order)
    for quantity, register in profile.values.items():
        number = profile.number_type(quantity)
        words[quantity] = tuple(encode(at_work()[quantity] / register.scale, number, sent.byte_order))
        values[quantity] = decode(words[quantity], number, profile.byte_order) * register.scale
    return findings(profile, [MeterSnapshot(0.0, values, words), MeterSnapshot(1.0, values, words)])


def test_another_model_of_meter_is_suspected_where_no_order_helps() -> None:
    values = {**at_work(), "voltage_l1": math.nan, "frequency": 3e-30}
    (finding,) = judged(values)
    assert finding.remedy == "is it this model of meter, and this unit (--unit)?"
