import random
from datetime import timedelta

import pytest

from energytrack.messages import Factor, Recommendation
from exporters.machines.fleet import Fleet
from exporters.metrics.page import MetricsPage
from exporters.subjects import COLUMNS
from testkit.builders.messages import NOW, a_reading, an_event, an_insight
from testkit.exporters.devices import PLANT, a_fleet, deliver, record_of
from testkit.exporters.reference import parsed, reference
from testkit.rules.promtool import promtool

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
    assert parsed(MetricsPage(COLUMNS).render(snapshot)) == parsed(reference(COLUMNS, snapshot))


@pytest.mark.slow
def test_what_the_page_remembers_never_shows_where_it_changed() -> None:
    """Devices come, change, move to another line, fall silent and leave; each page equals a fresh one."""
    rng = random.Random(7)  # noqa: S311  # chance, not a secret
    fleet, page = a_fleet(), MetricsPage(COLUMNS)
    for minute in range(60):
        now = NOW + timedelta(minutes=minute)
        for device in rng.sample(PLANT.devices[:12], rng.randint(0, 6)):
            line = rng.choice([device.line, "line-x"])
            codes = rng.sample(["inspect_24h", "check_leaks", "new"], rng.randint(0, 2))
            deliver(
                fleet,
                [
                    record_of(
                        a_reading(device.device_id, timestamp=now, line=line, state=rng.choice(["idle", "running"]))
                    ),
                    record_of(
                        an_insight(
                            device.device_id,
                            timestamp=now,
                            recommendations=tuple(Recommendation(code, "") for code in codes),
                            top_factors=(Factor(rng.choice("abc"), rng.random()),),
                        )
                    ),
                    record_of(
                        an_event("fault_code", device.device_id, event_id=str(rng.random()), code=rng.choice("xy"))
                    ),
                ],
                now,
            )
        snapshot = fleet.snapshot(now)
        assert parsed(page.render(snapshot)) == parsed(reference(COLUMNS, snapshot))


def test_promtool_finds_nothing_to_say() -> None:
    assert promtool("check", "metrics", stdin=MetricsPage(COLUMNS).render(a_busy_fleet().snapshot(NOW))) == ""
