"""What rules cost people in a week."""

from datetime import timedelta
from typing import Any

from control_api.paging.noise import noise, report, report_week
from energytrack.store.operations.alarms import Deed, LogEntry
from energytrack.store.operations.pages import Page
from testkit.dates import PLANT_ZONE, at_plant

NOON = at_plant("mon", "12:00")


def an_entry(deed: Deed, minutes: float = 0.0, *, alarm: str = "a", episode: int = 1, **fields: Any) -> LogEntry:
    given = {
        "rule": "PressureLost",
        "device_id": f"cnc-{alarm}",
        "by": "maria",
        "role": "Editor",
        "address": "",
    } | fields
    return LogEntry(entry_id=f"{alarm}{episode}{minutes}", alarm_id=alarm, episode=episode, opened_at=NOON,
                    at=NOON + timedelta(minutes=minutes), deed=deed, **given)  # fmt: skip


def a_page(who: str, rule: str | None = "PressureLost") -> Page:
    return Page(page_id=who, kind="page", who=who, case_id="cnc-a", rule=rule, severity="critical", subject="", text="",
                created_at=NOON, due_at=NOON)  # fmt: skip


ENTRIES = [
    an_entry("opened"), an_entry("acknowledged", 6), an_entry("judged", 30, verdict="false_alarm"),
    an_entry("cleared", 40),
    an_entry("reopened", 50, episode=2), an_entry("cleared", 55, episode=2),
    an_entry("opened", alarm="b"), an_entry("judged", 9, alarm="b", verdict="true_alarm"),
    an_entry("opened", alarm="c", rule="DiskFull", device_id=None),
]  # fmt: skip


def test_a_rule_is_counted_by_what_people_did_about_it() -> None:
    loud, quiet = noise(ENTRIES, [a_page("maria"), a_page("anna")])
    assert (loud.rule, loud.alarms, loud.machines, loud.pages) == ("PressureLost", 3, 2, 2)
    assert (loud.acknowledged, loud.minutes_to_acknowledge, loud.unattended) == (1, 6.0, 1)
    assert (loud.true_alarms, loud.false_alarms) == (1, 1)
    assert loud.sentence() == (
        "Pressure lost: 3 alarms on 2 machines; 2 pages; 1 acknowledged, typically after 6 min; "
        "1 ended before anybody looked; 1 true and 1 false by verdict."
    )
    assert quiet.sentence() == "Disk full: 1 alarm; 0 pages."
    assert noise([], []) == []


def test_the_report_is_due_on_monday_after_seven() -> None:
    assert report_week(at_plant("mon", "06:59"), PLANT_ZONE) is None
    assert report_week(at_plant("tue", "12:00"), PLANT_ZONE) is None
    week = report_week(at_plant("mon", "07:00"), PLANT_ZONE)
    assert week is not None
    assert week[1] == at_plant("mon", "00:00")
    assert week[1].date() - week[0].date() == timedelta(days=7)


def test_the_report_in_words() -> None:
    since, until = report_week(NOON, PLANT_ZONE) or (NOON, NOON)
    said = report(noise(ENTRIES, [a_page("maria")]), since, until, link="https://plant.example/control/alarms")
    assert said.subject.startswith("Alarms from ")
    assert said.text.splitlines()[0] == "4 alarms, 1 page."
    assert said.text.endswith("https://plant.example/control/alarms")
    assert report([], since, until, link="x").subject.endswith(": none")
