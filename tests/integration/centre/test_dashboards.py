"""The centre's dashboards answer about a plant what the plant's own would, though another plant sends there too."""

import json
import random
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import pytest

from centre.catch_up import HEADERS
from energytrack.samples import Series, packed, time_series
from local.services.centre import prepare_centre, prometheus_of_centre, write_url
from local.site import Site
from testkit.clients.http import HTTP
from testkit.stack.servers import site_in, started
from tests.unit.grafana.dashboards import plain
from tests.unit.grafana.test_centre import OF_ONE
from tools.dashboards.catalogue import rendered
from tools.dashboards.centre.queries import is_sent, of_one_plant, series_of
from tools.dashboards.kit.frame import DashboardSite

pytestmark = pytest.mark.timeout(120)

NOW: Final = round(time.time())
STEPS: Final = range(-3600, 1, 60)
WORDS: Final = {
    "line": ("line-a", "line-b"), "device_type": ("cnc_machine", "press"), "device_id": ("cnc-0001", "press-0002"),
    "state": ("running", "idle"), "stage": ("ml_consumer", "historian"),
    "topic": ("factory-sensor-data", "ml-insights"), "band": ("day",), "currency": ("EUR",),
    "basis": ("measured", "unknown"), "verdict": ("suspect",), "disk": ("var",), "part": ("kafka",),
    "job": ("exporters", "ml_consumer"),
}  # fmt: skip


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One server with the series of a plant as the plant has them, and those of two plants as the centre has them."""
    site = replace(site_in(tmp_path_factory.mktemp("centre")), plants=("plant-a",))
    prepare_centre(site)
    with started(prometheus_of_centre(site), site):
        rng = random.Random(7)  # noqa: S311  # samples of a test
        for name in sorted({name for _, expression in asked() for name in series_of(expression)}):
            write(site, list(series(name, rng)))
        yield site


def asked() -> list[tuple[str, str]]:
    """Every question of the plant's own dashboards that the centre's ask too."""
    kept = {board.file: {panel["title"] for panel in board.panels} for board in OF_ONE}
    files = rendered(DashboardSite("Europe/Berlin", "EUR"))
    return [
        (f"{name}: {panel['title']}", target["expr"])
        for name, titles in kept.items()
        for panel in json.loads(files[name])["panels"]
        for target in panel.get("targets") or ()
        if panel["title"] in titles and is_sent(target["expr"])
    ]


def series(name: str, rng: random.Random) -> Iterator[Series]:
    """Two series of that name at the plant, the same in its name at the centre, and others in another's."""
    labels = labels_of(name)
    for number in range(2 if labels else 1):
        mine = {label: WORDS[label][number % len(WORDS[label])] for label in labels}
        own = [(1000 * (NOW + step), round(rng.uniform(0.0, 2.0), 3)) for step in STEPS]
        other = [(at, value + 1000.0) for at, value in own]
        for plant, samples in (("", own), ("plant-a", own), ("plant-b", other)):
            yield Series({"__name__": name, **mine, "plant": plant}, samples)


def labels_of(name: str) -> list[str]:
    """What its level says that it has."""
    level = name.split(":", maxsplit=1)[0]
    if name == "up":
        return ["job"]
    if level == "device":
        return ["device_id", "device_type", "line"]
    of_level = {"type": "device_type", "reason": "stage"}
    found = [of_level.get(word, word) for word in re.split("_", level)]
    also = [word for word in ("band", "basis", "verdict") if word in name]
    return [label for label in dict.fromkeys([*found, *also]) if label in WORDS]


def write(site: Site, sent: list[Series]) -> None:
    answer = HTTP.post(write_url(site), content=packed(time_series(sent)), headers=HEADERS)
    assert answer.is_success, answer.text


def answer(site: Site, expression: str) -> Any:
    found = HTTP.get(
        site.url(site.ports.prometheus, "/api/v1/query"), params={"query": expression, "time": str(NOW)}
    ).json()
    if found["status"] == "error":
        return found["error"]
    return sorted(
        json.dumps([{k: v for k, v in each["metric"].items() if k != "plant"}, each["value"][1]], sort_keys=True)
        for each in found["data"]["result"]
    )


def test_every_question_about_one_plant_has_the_plants_own_answer(prometheus: Site) -> None:
    names = {name for _, expression in asked() for name in series_of(expression)}
    assert answer(prometheus, f'count({{plant="plant-b",__name__=~"{"|".join(sorted(names))}"}})') != []
    answered = 0
    for place, expression in asked():
        own = answer(prometheus, plain(of_one_plant(expression)).replace("$plant", ""))
        at_centre = answer(prometheus, plain(of_one_plant(expression)).replace("$plant", "plant-a"))
        assert at_centre == own, place
        answered += bool(own)
    assert answered > 0.7 * len(asked())
