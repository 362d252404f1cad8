import random
from datetime import timedelta

import pytest

from energytrack.messages import Factor, Recommendation
from exporters.fleet import Fleet
from exporters.page import Page
from exporters.subjects import COLUMNS, SUBJECTS
from testkit.builders import NOW, a_reading, an_event, an_insight
from testkit.exporters.devices import PLANT, a_fleet, after, samples, taken
from testkit.exporters.reference import parsed, reference
from testkit.promtool import promtool

AWKWARD = 'a "quoted" \\ name\nwith a break, {and} = more'


def a_busy_fleet() -> Fleet:
    return a_fleet(
        a_reading("cnc-0001", energy_kwh=48211.337, signals={"vibration": 2.5, "oil": None}),
        a_reading("cnc-0002", temperature=None, pressure=None, current=None, state=None),
        a_reading("pump-1", device_type=AWKWARD, line="Halle 3, Süd", current=-0.5),
        an_insight("cnc-0001", top_factors=(Factor("temperature_slope_10m", 0.31), Factor("hours", -1e-9))),
        an_insight("cnc-0002", failure_probability=None, prediction=None),
        an_event("fault_code", "cnc-0001", code=AWKWARD),
        an_event("failure", "cnc-0001"),
        an_event("maintenance_done", "cnc-0001"),
        an_event("command_result", "cnc-0002", outcome="refused"),
    )


def test_the_page_says_what_prometheus_client_would_say() -> None:
    snapshot = a_busy_fleet().snapshot(NOW)
    assert parsed(Page(COLUMNS).render(snapshot)) == parsed(reference(COLUMNS, snapshot))


def test_what_the_page_remembers_never_shows_where_it_changed() -> None:
    """Devices come, change, move to another line, fall silent and leave; each page equals a fresh one."""
    rng = random.Random(7)  # noqa: S311  # chance, not a secret
    fleet, page = a_fleet(), Page(COLUMNS)
    for minute in range(60):
        now = NOW + timedelta(minutes=minute)
        for device in rng.sample(PLANT.devices[:12], rng.randint(0, 6)):
            line = rng.choice([device.line, "line-x"])
            codes = rng.sample(["inspect_24h", "check_leaks", "new"], rng.randint(0, 2))
            fleet.fold(
                [
                    taken(a_reading(device.device_id, timestamp=now, line=line, state=rng.choice(["idle", "running"]))),
                    taken(
                        an_insight(
                            device.device_id,
                            timestamp=now,
                            recommendations=tuple(Recommendation(code, "") for code in codes),
                            top_factors=(Factor(rng.choice("abc"), rng.random()),),
                        )
                    ),
                    taken(an_event("fault_code", device.device_id, event_id=str(rng.random()), code=rng.choice("xy"))),
                ],
                now,
            )
        snapshot = fleet.snapshot(now)
        assert parsed(page.render(snapshot)) == parsed(reference(COLUMNS, snapshot))


def test_pressure_is_in_pascals() -> None:
    assert samples(a_fleet(a_reading(pressure=5.3)), "pressure_pascals") == {("cnc-0007",): pytest.approx(530_000)}


def test_the_state_is_a_set() -> None:
    assert samples(a_fleet(a_reading(state="idle")), "state") == {
        ("cnc-0007", state): float(state == "idle") for state in ("running", "idle", "stopped", "failed", "maintenance")
    }


def test_a_lost_sensor_has_no_series() -> None:
    fleet = a_fleet(a_reading(temperature=None))
    assert samples(fleet, "temperature_celsius") == {}
    assert samples(fleet, "current_amperes") == {("cnc-0007",): 12.4}


def test_a_probability_that_is_not_known_has_no_series() -> None:
    fleet = a_fleet(a_reading(), an_insight(failure_probability=None, prediction=None))
    assert samples(fleet, "failure_probability_ratio") == {}
    assert samples(fleet, "failure_predicted") == {}


def test_a_recommendation_shows_zero_when_it_was_closed() -> None:
    fleet = a_fleet(a_reading(), an_insight(recommendations=(Recommendation("inspect_24h", ""),)))
    assert samples(fleet, "recommendation_active") == {("cnc-0007", "inspect_24h"): 1.0}
    fleet.fold([taken(an_insight(timestamp=after(1)))], after(1))
    assert samples(fleet, "recommendation_active") == {("cnc-0007", "inspect_24h"): 0.0}


def test_without_a_meter_and_without_a_rating_there_is_no_energy() -> None:
    fleet = a_fleet(a_reading("pump-1", device_type="pump"))
    assert samples(fleet, "energy_joules_total") == {}
    assert samples(fleet, "idle_energy_joules_total") == {}


def test_names_are_unique_and_documented() -> None:
    families = [family for subject in SUBJECTS.values() for family in subject]
    assert len({family.name for family in families}) == len(families)
    assert all(family.help.endswith(".") for family in families)
    assert all(family.name.endswith("_total") == (family.kind == "counter") for family in families)


def test_promtool_finds_nothing_to_say() -> None:
    assert promtool("check", "metrics", given=Page(COLUMNS).render(a_busy_fleet().snapshot(NOW))) == ""
