"""What people read has no code, no "nan" and no odd precision, whatever the numbers behind it are."""

import re
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from control_api.alarms.cases import cases
from control_api.paging.noise import RuleNoise
from control_api.paging.texts import ended_text, page_text, words_of
from energytrack.catalogue import CATALOGUE
from energytrack.errors import span
from energytrack.metering.reasons import EXPLANATIONS
from energytrack.store.operations.pages import Escalation
from ml.scoring.wording import wordings
from testkit.builders.control import an_alarm
from testkit.builders.recordings import a_spec
from testkit.dates import NOW, PLANT_ZONE

PLAIN = re.compile(r"\b[a-z]+(?:_[a-z0-9]+)+\b|\b(?:nan|NaN|inf|None)\b|\d\.\d*[1-9]\d{3,}|\de[+-]\d")
"""Names of code, values that are none, and digits that nobody needs."""
SPEC = a_spec(
    signals=("temperature", "pressure", "spindle_load"),
    codes=("oil_level_low", "pump_overrun"),
    components=("cooling_fan", "belt"),
)
WORDINGS = wordings(SPEC)
VALUES = st.floats(min_value=-1e6, max_value=1e6) | st.just(float("nan"))
RULES = ["FailureRiskHigh", "MachineFailed", "PressureLost", "IdleBetweenShifts", "device_silent", "ServiceDown"]


@settings(max_examples=300)
@given(feature=st.sampled_from(SPEC.names), value=VALUES)
def test_a_reason_is_said_in_words(feature: str, value: float) -> None:
    """Codes of controllers, components and types of machines too."""
    assert PLAIN.findall(WORDINGS[feature].say(value)) == []


@given(seconds=st.floats(min_value=0, max_value=1e9, allow_nan=False))
def test_a_length_of_time_is_said_in_whole_numbers(seconds: float) -> None:
    assert re.fullmatch(r"\d+ (s|min|h|d)", span(seconds))


def test_fixed_sentences_are_words() -> None:
    """Recommendations and the reasons of verdicts on energy."""
    said = [each.text for each in CATALOGUE]  # a field that somebody has to connect is called by its name
    said += [f"{each.words} {each.mend}".replace("energy_kwh", "") for each in EXPLANATIONS.values()]
    assert {sentence: found for sentence in said if (found := PLAIN.findall(sentence))} == {}


@given(rule=st.sampled_from(RULES), minutes=st.integers(0, 10_000), factor=VALUES, feature=st.sampled_from(SPEC.names))
def test_a_page_is_said_in_words(rule: str, minutes: int, factor: float, feature: str) -> None:
    """Its link is the only thing in it that is not."""
    reason = WORDINGS[feature].say(factor)
    alarm = an_alarm(rule, severity="critical", summary=rule, factors=(reason,) if reason else ())
    (case,) = cases([alarm])
    now = NOW + timedelta(minutes=minutes)
    said = page_text(case, None, origin="https://plant.example", zone=PLANT_ZONE, now=now)
    escalation = Escalation(
        case_id=case.case_id, opened_at=NOW, severity="critical", step=0, rounds=1, paged=("maria",), due_at=now
    )
    over = ended_text(escalation, zone=PLANT_ZONE, now=now)
    for text in (said.subject, said.text, over.subject, over.text):
        assert PLAIN.findall(re.sub(r"https?://\S+", "", text)) == []
    assert re.search(r"[a-z][A-Z]", said.subject) is None


COUNTS = st.integers(0, 10_000)


@given(
    counts=st.tuples(COUNTS, COUNTS, COUNTS, COUNTS, COUNTS, COUNTS, COUNTS),
    wait=st.none() | st.floats(min_value=0, max_value=1e5, allow_nan=False),
    rule=st.sampled_from(RULES),
)
def test_noise_is_said_in_words(counts: tuple[int, ...], wait: float | None, rule: str) -> None:
    names = ("alarms", "machines", "pages", "acknowledged", "unattended", "true_alarms", "false_alarms")
    fields: dict[str, Any] = dict(zip(names, counts, strict=True))
    said = RuleNoise(rule=rule, minutes_to_acknowledge=wait, **fields).sentence()
    assert PLAIN.findall(said) == []
    assert said.startswith(words_of(rule))
