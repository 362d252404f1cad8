"""Who is on duty at the example plant's hours."""

from datetime import time, timedelta
from pathlib import Path

import pytest

from energytrack.contract.calendar import WEEKDAYS, DayWindow
from energytrack.contract.duty import Duty, DutyRules, QuietHours, Watch, WeeklyWatch
from energytrack.errors import InvalidPlant
from energytrack.plant import load_plant
from testkit.dates import PLANT_ZONE, at_plant

WORKDAYS = WEEKDAYS[:5]
DAYTIME = DayWindow(WORKDAYS, time(6), time(18))
NIGHT = DayWindow(WEEKDAYS, time(18), time(6))


def a_duty(**rules: object) -> Duty:
    watches = (
        WeeklyWatch("maria", (DAYTIME,)),
        WeeklyWatch("otto", (NIGHT,)),
        WeeklyWatch("petra", (DAYTIME,), ("press-shop",)),
    )
    return Duty(DutyRules(**({"watches": watches} | rules)), PLANT_ZONE)  # type: ignore[arg-type]


def test_a_watch_ends_when_its_window_does_and_may_run_past_midnight() -> None:
    duty = a_duty()
    assert [(watch.who, watch.until) for watch in duty.watches(at_plant("tue", "02:00"))] == [
        ("otto", at_plant("tue", "06:00"))
    ]
    assert duty.on_duty(at_plant("sat", "12:00"), None) == []


def test_whoever_watches_the_line_goes_before_whoever_watches_the_plant() -> None:
    duty, noon = a_duty(), at_plant("wed", "12:00")
    assert duty.on_duty(noon, "press-shop") == ["petra"]
    assert duty.on_duty(noon, "drilling") == ["maria"]
    assert duty.on_duty(noon, None) == ["maria"]


def test_quiet_hours_hold_back_what_can_wait() -> None:
    duty = a_duty(quiet_hours=(QuietHours(("warning",), (NIGHT,)),))
    midnight, noon = at_plant("tue", "00:00"), at_plant("tue", "12:00")
    assert (duty.pages("critical", midnight), duty.pages("warning", midnight)) == (True, False)
    assert (duty.pages("warning", noon), duty.pages("info", noon)) == (True, False)


def test_a_rota_of_a_file_adds_to_the_weekly_watches() -> None:
    noon = at_plant("sat", "12:00")
    watch = Watch("anna", (), noon - timedelta(hours=1), noon + timedelta(hours=1))
    duty = Duty(DutyRules(watches=(WeeklyWatch("maria", (DAYTIME,)),)), PLANT_ZONE, rota=lambda _at: [watch])
    assert duty.watches(noon) == [watch]


@pytest.mark.parametrize(
    ("entries", "complaint"),
    [
        ("[duty]", "duty: expected watches, an ical file or escalate_to; otherwise nobody can be paged"),
        ('[duty]\nwatches = [{ who = "maria", windows = [] }]', "expected windows in which maria is on duty"),
        ('[duty]\nical = "none.ics"', "duty.ical: none.ics cannot be read"),
        ('[duty]\nescalate_to = ["a"]\nescalate_minutes = 0', "Expected `float` > 0"),
        ("[costs]\nlines = { nowhere = 1 }", "costs.lines: there is no line 'nowhere'"),
        ("[costs]\ntypes = { nothing = 1 }", "costs.types: there is no type 'nothing'"),
    ],
)  # fmt: skip
def test_a_plant_file_says_what_is_wrong_with_its_duty(tmp_path: Path, entries: str, complaint: str) -> None:
    text = Path("plant.toml").read_text(encoding="utf-8")
    head, costs, tail = text.partition("[costs]")
    rest = tail[tail.index("# --- Who is paged") :]
    file = tmp_path / "plant.toml"
    file.write_text(f"{head}{entries}\n{rest}" if costs else text, encoding="utf-8")
    with pytest.raises(InvalidPlant, match=complaint.replace("[", r"\[").replace("(", r"\(")):
        load_plant(file)
