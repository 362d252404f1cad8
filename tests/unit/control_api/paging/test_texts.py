"""What pages say."""

from datetime import timedelta

import pytest
from babel.messages.catalog import Catalog
from msgspec.structs import replace

from control_api.alarms.cases import cases
from control_api.paging.noise import report
from control_api.paging.texts import Message, case_link, clock, ended_text, joined, page_text, trial_text, words_of
from energytrack.languages import words
from energytrack.languages.words import Words
from energytrack.store.operations.pages import Escalation, Page
from testkit.builders.control import an_alarm
from testkit.dates import PLANT_ZONE, at_plant

NOON = at_plant("mon", "12:00")
ORIGIN = "https://plant.example"
TOLD = Escalation(
    case_id="cnc-0007", opened_at=NOON, severity="critical", step=0, rounds=1, paged=("maria",),
    due_at=NOON + timedelta(minutes=10),
)  # fmt: skip


def a_page(subject: str) -> Page:
    return Page(page_id=subject, kind="page", who="maria", case_id="cnc-0007", rule="x", severity="critical",
                subject=subject, text=f"text of {subject}", created_at=NOON, due_at=NOON)  # fmt: skip


def test_a_page_says_what_why_what_to_do_and_where_to_acknowledge() -> None:
    alarm = an_alarm(
        "FailureRiskCritical", severity="critical", opened_at=NOON, summary="cnc-0007 is about to fail: 93 %",
        factors=("Temperature is 8 °C above normal", "3 warning codes in 24 h"), description="Inspect it now.",
    )  # fmt: skip
    (case,) = cases([alarm])
    said = page_text(case, TOLD, origin=ORIGIN, zone=PLANT_ZONE, now=NOON + timedelta(minutes=10))
    assert said.subject == "Critical: cnc-0007 is about to fail: 93 %"
    assert said.text.splitlines() == [
        "Since 12:00, 10 min ago, on line machining-a.",
        "Reasons: Temperature is 8 °C above normal; 3 warning codes in 24 h.",
        "Inspect it now.",
        "maria did not acknowledge it.",
        "",
        "Acknowledge: https://plant.example/control/alarms?case=cnc-0007",
    ]


def test_a_rule_without_a_summary_is_called_by_words() -> None:
    (case,) = cases([an_alarm("ServiceDown", device_id=None, summary="ServiceDown", opened_at=NOON)])
    said = page_text(replace(case, line=None), None, origin=ORIGIN, zone=PLANT_ZONE, now=NOON)
    assert (said.subject, words_of("pump_overrun")) == ("Warning: Service down", "Pump overrun")
    assert case_link(ORIGIN, "a b&c") == "https://plant.example/control/alarms?case=a%20b%26c"


def test_the_end_says_how_long_it_took() -> None:
    said = ended_text(TOLD, zone=PLANT_ZONE, now=NOON + timedelta(minutes=48))
    assert said == Message("Resolved: cnc-0007", "Resolved at 12:48, after 48 min.")
    of_the_plant = replace(TOLD, case_id="3f9a2b", about="No readings arrive")
    assert ended_text(of_the_plant, zone=PLANT_ZONE, now=NOON).subject == "Resolved: No readings arrive"
    assert clock(NOON - timedelta(days=1), PLANT_ZONE, NOON).endswith(", 12:00")


def test_many_pages_to_one_person_are_one_message() -> None:
    assert joined([a_page("one")]) == Message("one", "text of one")
    said = joined([a_page("one"), a_page("two"), a_page("three")])
    assert said.subject == "3 messages: one; two …"
    assert said.text == "one\ntext of one\n\ntwo\ntext of two\n\nthree\ntext of three"


GERMAN = {
    "critical": "kritisch",
    "Since {moment}, {span} ago, on line {line}.": "Seit {moment}, vor {span}, an Linie {line}.",
    "Acknowledge: {link}": "Quittieren: {link}",
    "Test page": "Proberuf",
    "Alarms from {first} to {last}: none": "Alarme vom {first} bis {last}: keine",
    "{number} d": "{number} T.",
}


def test_a_page_is_said_in_the_language_of_the_plant(monkeypatch: pytest.MonkeyPatch) -> None:
    german = Catalog("de_DE")
    for english, said_in_german in GERMAN.items():
        german.add(english, said_in_german)
    monkeypatch.setattr(words, "catalogue", lambda _: german)
    t = Words("de")
    (case,) = cases([an_alarm("A", severity="critical", opened_at=at_plant("mon", "12:00"), summary="Hot")])
    said = page_text(case, None, origin=ORIGIN, zone=PLANT_ZONE, now=NOON + timedelta(days=2), t=t)
    assert said.subject == "Kritisch: Hot"
    assert said.text.startswith(f"Seit {NOON:%-d}. ")
    assert "12:00, vor 2 T., an Linie machining-a." in said.text
    assert said.text.endswith(f"Quittieren: {ORIGIN}/control/alarms?case=cnc-0007")
    assert trial_text(ORIGIN, t).subject == "Proberuf"
    assert report([], NOON, NOON + timedelta(days=7), link="", t=t).subject.startswith(f"Alarme vom {NOON:%-d}. ")
