"""A unit that is wrong by a factor of 1000 is asked about; what is right is not, whatever the machine does."""

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from energytrack.importer.choices import Choices
from energytrack.importer.content import Content
from energytrack.importer.destinations.amounts import DoubtfulAmount, checked_amounts, needing_past
from energytrack.importer.destinations.past import MachinePast
from energytrack.metering.limits import UsageHistory
from testkit.builders.import_files import comma, lines, starts
from testkit.builders.plants import a_plant
from tests.unit.energytrack.importer.contents import WINTER, only, read

TIMES = starts(WINTER, 3)
TWO = {"press-0001 [kWh]": "press-0001", "press-0002 [MWh]": "press-0002"}
NOTHING: Mapping[str, Sequence[float]] = {}
STEADY = [2.0 + 3.0 * (i % 4) for i in range(len(TIMES))]
"""Kilowatt hours of a press of 38 kW: 8 to 44 kW."""


def a_file(
    heading: str, values: Sequence[float], *, factor: float = 1.0, digits: int = 3,
    beside: Mapping[str, Sequence[float]] = NOTHING,
) -> str:  # fmt: skip
    columns = [[factor * each for each in values], *beside.values()]
    rows = [";".join(comma(each, digits) for each in row) for row in zip(*columns, strict=True)]
    times = [f"{at:%Y-%m-%dT%H:%MZ}" for at in TIMES]
    return lines(";".join(["Zeit", heading, *beside]), *map(";".join, zip(times, rows, strict=True)))


def of(name: str, text: str, **choices: str) -> Content:
    return read(text, f"{name}.csv", labels="begin", decimal=",", **choices)


def a_press(text: str, **choices: str) -> Content:
    return of("m", text, device="press-0001", **choices)


def why(content: Content, past: MachinePast | None = None, *, amounts: str | None = None) -> list[str]:
    """What is only said; raises DoubtfulAmount."""
    known = {} if past is None else dict.fromkeys(content.energy, past)
    return [each.why for each in checked_amounts(content, Choices(amounts=amounts), a_plant(), known)]


def asked(content: Content, past: MachinePast | None = None) -> DoubtfulAmount:
    with pytest.raises(DoubtfulAmount) as error:
        why(content, past)
    return error.value


def used_before(watts: float, *, days: float = 30.0) -> MachinePast:
    at = TIMES[0].timestamp()
    return MachinePast(UsageHistory(at - days * 86_400.0, most_watts=2.0 * watts), watts)


@pytest.mark.parametrize(
    ("heading", "factor", "looks_like"),
    [
        ("Verbrauch [kWh]", 1000.0, "Wh"),
        ("Verbrauch [MWh]", 1.0, "kWh"),
        ("Verbrauch [kWh]", 0.001, "MWh"),
        ("Verbrauch [Wh]", 1.0, "kWh"),
        ("Verbrauch [GJ]", 3.6, "MJ"),
        ("Leistung [kW]", 4000.0, "W"),
        ("Leistung [W]", 4.0, "kW"),
    ],
)
def test_what_a_rating_cannot_explain_is_asked(heading: str, factor: float, looks_like: str) -> None:
    """With the unit that it looks like, and both ways out; the answer mends it, and is enough."""
    text = a_file(heading, STEADY, factor=factor, digits=6)
    question = asked(a_press(text))
    assert (question.what, question.suggestion) == ("unit", looks_like)
    assert "press-0001: " in question.problem
    assert f"it looks like {looks_like}" in question.problem
    assert str(question).endswith(f"Use: --unit {looks_like}; or, if {question.unit} is right, --amounts as_stated")
    mended = a_press(text, unit=looks_like)
    assert only(mended).total == pytest.approx(sum(STEADY))
    assert why(mended) == []
    (said,) = why(a_press(text), amounts="as_stated")
    assert said.endswith(": as stated")


def test_the_numbers_of_the_question_are_those_of_the_meter() -> None:
    """Four times the rated power, as of live readings."""
    problem = asked(a_press(a_file("Verbrauch [kWh]", STEADY, factor=1000.0))).problem
    assert "26 MW is 172 times the most that its rating allows, 151 kW: it looks like Wh" in problem


@pytest.mark.parametrize("heading", ["Verbrauch [kWh]", "Verbrauch kWh"])
@pytest.mark.parametrize(
    "values",
    [
        STEADY,
        [0.0] * len(TIMES),
        [0.0] * (len(TIMES) - 1) + [9.5],
        [0.0, 0.0, 0.0, 30.0] * (len(TIMES) // 4),
        [0.12] * len(TIMES),
        [*STEADY[:-1], 37_000.0],
    ],
    ids=["works", "off", "worked once", "whole numbers", "standby", "a spike"],
)
def test_what_is_right_is_never_asked(heading: str, values: Sequence[float]) -> None:
    content = a_press(a_file(heading, values))
    said = why(content)
    assert len(said) == (max(values) > 1000.0)


def test_a_few_values_above_the_limit_are_named() -> None:
    (said,) = why(a_press(a_file("Verbrauch [kWh]", [*STEADY[:-1], 37_000.0])))
    assert said == "1 of 288 values are above 151 kW, the most that its rating allows; the highest is 148 MW"


def test_a_register_in_whole_units_is_right() -> None:
    """Each step is far more than the machine uses in a quarter of an hour, and its mean is not."""
    values = np.floor(np.cumsum(STEADY) / 1000.0) + 812.0
    content = a_press(a_file("Zählerstand [MWh]", list(values), digits=0), values="register")
    assert why(content) == ["1 of 287 values are above 151 kW, the most that its rating allows; the highest is 4 MW"]


def test_a_register_in_watt_hours_is_asked_about() -> None:
    content = a_press(a_file("Zählerstand [kWh]", list(np.cumsum(STEADY) + 5000.0), factor=1000.0))
    assert asked(content).suggestion == "Wh"


def test_power_beside_energy_proves_the_unit() -> None:
    """Of any machine, known or not; a factor of 4 is a matter of quarter hours, not of units."""
    power = [4.0 * value for value in STEADY]
    for factor, looks_like in ((1000.0, "Wh"), (0.001, "MWh"), (3.6, "MJ"), (0.0036, "GJ")):
        text = a_file("Energie [kWh]", STEADY, factor=factor, digits=6, beside={"P [kW]": power})
        question = asked(of("anything", text))
        assert question.suggestion == looks_like
        assert "what the power beside it says" in question.problem
        assert only(of("anything", text, unit=looks_like)).total == pytest.approx(sum(STEADY))
    for factor in (1.0, 4.0, 0.25):
        text = a_file("Energie [kWh]", STEADY, factor=factor, beside={"P [kW]": power})
        assert why(of("anything", text)) == []


def test_current_beside_energy_proves_the_unit() -> None:
    """Where the rating says how much an ampere is."""
    amperes = [6.56 * value for value in STEADY]
    text = a_file("Energie [kWh]", STEADY, factor=0.001, digits=6, beside={"Strom [A]": amperes})
    question = asked(a_press(text))
    assert question.suggestion == "MWh"
    assert "1/1,000 of what the current beside it explains" in question.problem
    assert why(a_press(a_file("Energie [kWh]", STEADY, beside={"Strom [A]": amperes}))) == []


def test_of_an_unknown_machine_its_past_is_what_is_known() -> None:
    content = of("saw-0001", a_file("Verbrauch [kWh]", STEADY, factor=1000.0))
    assert "the most that it used before" in asked(content, used_before(26_000.0)).problem
    small = of("saw-0001", a_file("Verbrauch [kWh]", STEADY, factor=0.001, digits=6))
    question = asked(small, used_before(26_000.0))
    assert (question.suggestion, "1/1,000 of what it used before" in question.problem) == ("MWh", True)
    right = of("saw-0001", a_file("Verbrauch [kWh]", STEADY))
    assert why(right, used_before(26_000.0)) == []
    (said,) = why(right, used_before(2_600.0))
    assert said == "26 kW is 1.2 times the most that it used before, 20.8 kW", "it may have more to do now"


def test_of_a_machine_of_which_nothing_is_known_nothing_is_guessed() -> None:
    """A whole works may use more than a machine: it is said, and can be stored."""
    content = of("works", a_file("Verbrauch [kWh]", STEADY, factor=1000.0))
    (said,) = why(content)
    assert said.startswith("26 MW on average; nothing is known of the machine, and one may use 1 MW (limit_kw in")
    assert why(of("works", a_file("Verbrauch [kWh]", STEADY, factor=0.001, digits=6))) == []


def test_far_too_much_that_is_no_unit_is_asked_without_a_guess() -> None:
    question = asked(a_press(a_file("Verbrauch [kWh]", STEADY, factor=30.0)))
    assert question.suggestion is None
    assert "check the unit, the transformer ratio and the rating" in question.problem
    assert str(question).endswith("Use: --unit Wh, MWh, GWh, MJ or GJ; or, if kWh is right, --amounts as_stated")
    assert "looks like" not in str(question)


def test_units_that_differ_are_those_of_the_headings() -> None:
    """A unit that a person says is then that of a column without one."""
    text = a_file(
        "A [kWh]", STEADY, digits=6, beside={"B [MWh]": [each / 1000.0 for each in STEADY], "Verbrauch C": STEADY}
    )
    content = of("three", text, unit="kWh", values="interval")
    assert [round(each.total, 3) for each in content.energy.values()] == [round(sum(STEADY), 3)] * 3


def test_where_units_differ_none_is_proposed_for_all() -> None:
    """One that a person says has no effect there: it would be asked for again and again."""
    beside = {"press-0002 [MWh]": [each / 1000.0 for each in STEADY]}
    text = a_file("press-0001 [kWh]", STEADY, factor=1000.0, digits=6, beside=beside)
    question = asked(read(text, "two.csv", labels="begin", decimal=",", values="interval", devices=TWO))
    assert (question.what, question.suggestion) == ("amounts", "as_stated")
    assert "correct the heading" in question.problem


def test_energy_that_is_not_wanted_stops_nothing() -> None:
    content = a_press(a_file("Verbrauch [kWh]", STEADY, factor=1000.0))
    assert checked_amounts(content, Choices(), a_plant(), {}, what="parts") == ()
    assert checked_amounts(content, Choices(), a_plant(), {}, what="prices") == ()


def test_where_the_rating_says_that_the_power_is_wrong_energy_is_right() -> None:
    """Watts under a heading that says kW are no reason to doubt energy that the machine can have used."""
    right = a_file("Energie [kWh]", STEADY, beside={"P [kW]": [4000.0 * value for value in STEADY]})
    assert why(a_press(right)) == []
    assert asked(of("anything", right)).suggestion == "MWh"
    both = a_file("Energie [kWh]", STEADY, factor=1000.0, beside={"P [kW]": [4000.0 * value for value in STEADY]})
    assert why(a_press(both, unit="Wh")) == [], "else each unit would be answered with the other"


def test_what_a_machine_did_before_is_possible_whatever_the_setting_says() -> None:
    furnace = of("furnace-0001", a_file("Verbrauch [kWh]", STEADY, factor=2000.0))
    assert why(furnace, used_before(52e6)) == []


def test_ratios_and_powers_are_written_as_people_write_them() -> None:
    power = [4.0 * value for value in STEADY]
    text = a_file("Energie [MJ]", STEADY, digits=6, beside={"P [kW]": power})
    assert "1/3.6 of what the power beside it says: it looks like kWh" in asked(of("anything", text)).problem
    (said,) = why(of("works", a_file("Verbrauch [kWh]", [250_000.0 - 0.01] * len(TIMES))))
    assert said.startswith("1,000 MW on average")


def test_the_past_is_only_needed_where_neither_file_nor_rating_says_enough() -> None:
    """Energy below standby is another matter: what the machine did before may explain it, or say it more plainly."""
    text = a_file("Verbrauch [kWh]", STEADY)
    assert needing_past(of("saw-0001", text), a_plant()) == ["saw-0001"]
    assert needing_past(of("saw-0001", text), a_plant(), what="parts") == ()
    assert needing_past(a_press(text), a_plant()) == []
    assert needing_past(a_press(a_file("Verbrauch [kWh]", STEADY, factor=1000.0)), a_plant()) == []
    assert needing_past(a_press(a_file("Verbrauch [kWh]", STEADY, factor=0.001, digits=6)), a_plant()) == ["press-0001"]
    beside = {"P [kW]": [4000.0 * value for value in STEADY]}
    assert needing_past(of("saw-0001", a_file("Energie [kWh]", STEADY, beside=beside)), a_plant()) == []
    assert needing_past(of("saw-0001", a_file("Verbrauch [kWh]", [0.0] * len(TIMES))), a_plant()) == []


@pytest.mark.parametrize("factor", [1.0, 30.0, 1000.0])
@pytest.mark.parametrize("before", [26.0, 26_000.0, 26e6])
def test_where_the_past_is_not_needed_it_changes_nothing(factor: float, before: float) -> None:
    content = a_press(a_file("Verbrauch [kWh]", STEADY, factor=factor, digits=6))
    assert needing_past(content, a_plant()) == []
    said = [why(content, past, amounts="as_stated") for past in (None, used_before(before))]
    assert said[0] == said[1]


@pytest.mark.parametrize("watts", [3.0, 8.0, 40.0])
def test_a_machine_that_is_switched_off_is_not_asked_about(watts: float) -> None:
    """A few watts for days, and nothing known of its past: it is said what else they may be."""
    kwh = [watts / 4000.0 * (1.0 + 0.2 * (i % 3)) for i in range(len(TIMES))]
    (said,) = why(a_press(a_file("Verbrauch [kWh]", kwh, digits=6)))
    assert said.endswith("on standby: it was switched off, or the unit is MWh")
