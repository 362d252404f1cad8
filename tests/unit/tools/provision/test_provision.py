"""What Grafana and Alertmanager are given follows the plant that runs."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from energytrack.plant import Plant, load_plant
from tools.provision.__main__ import CONTACTS, DATA_SOURCE, data_source, lay_out, main, with_password

ROOT = Path(__file__).parents[4]
EXAMPLE = (ROOT / "plant.toml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def chicago(tmp_path_factory: pytest.TempPathFactory) -> Plant:
    """The example plant in Chicago, with other lines and a shift on holidays."""
    text = EXAMPLE.replace("Europe/Berlin", "America/Chicago").replace('"EUR"', '"USD"')
    text = text.replace('name = "machining-a"', 'name = "milling"').replace(
        'days = ["sat", "sun"]', 'days = ["holiday"]'
    )
    file = tmp_path_factory.mktemp("plant") / "plant.toml"
    file.write_text(text, encoding="utf-8")
    return load_plant(file)


@pytest.fixture(scope="module")
def laid_out(chicago: Plant, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("out")
    lay_out(chicago, out)
    return out


def read(path: Path) -> Any:
    """Its content; a variable stands for a value in quotes."""
    return yaml.load(re.sub(r'(?<!")\$\{\w+\}', r'"\g<0>"', path.read_text(encoding="utf-8")), yaml.CSafeLoader)


def test_every_file_is_in_the_plant_s_zone_and_currency(laid_out: Path) -> None:
    """Not one speaks of Berlin or of euros any more."""
    texts = {path: path.read_text(encoding="utf-8") for path in laid_out.rglob("*") if path.is_file()}
    assert len(texts) > 15
    assert [path.name for path, text in texts.items() if re.search(r"Europe/Berlin|€|\bEUR\b", text)] == []
    for path in (laid_out / "grafana" / "dashboards").glob("*.json"):
        assert json.loads(texts[path])["timezone"] == "America/Chicago"
    assert '"currency:financial:$"' in texts[laid_out / "grafana" / "dashboards" / "energy.json"]


def test_each_line_of_the_plant_has_its_colour(laid_out: Path) -> None:
    """In place of the committed plant's lines, whatever they are called."""
    text = (laid_out / "grafana" / "dashboards" / "energy.json").read_text(encoding="utf-8")
    assert '"options": "milling"' in text
    assert '"options": "machining-a"' not in text


def test_the_data_source_has_the_interval_of_the_scrapes(chicago: Plant, laid_out: Path, tmp_path: Path) -> None:
    """As committed, or as often as a large plant is scraped."""
    lay_out(chicago, tmp_path, scrape_seconds=15)
    for folder, interval in ((laid_out, "5s"), (tmp_path, "15s")):
        (source,) = read(folder / DATA_SOURCE)["datasources"]
        assert source["jsonData"]["timeInterval"] == interval
        assert source["uid"] == "energytrack-prometheus"


def test_a_data_source_without_an_interval_is_refused() -> None:
    with pytest.raises(ValueError, match="expected one timeInterval, found 0"):
        data_source("datasources: []\n", 15)


def test_the_data_source_signs_in_if_prometheus_has_a_password(chicago: Plant, laid_out: Path, tmp_path: Path) -> None:
    """Grafana fills in the variable; without a password the file is as committed."""
    lay_out(chicago, tmp_path, prometheus_user="energytrack")
    (open_source,) = read(laid_out / DATA_SOURCE)["datasources"]
    (source,) = read(tmp_path / DATA_SOURCE)["datasources"]
    assert not {"basicAuth", "basicAuthUser", "secureJsonData"} & open_source.keys()
    assert source == open_source | {
        "basicAuth": True,
        "basicAuthUser": "energytrack",
        "secureJsonData": {"basicAuthPassword": "${ENERGYTRACK_GRAFANA_PROMETHEUS_PASSWORD}"},
    }


def test_a_data_source_without_a_place_for_the_password_is_refused() -> None:
    with pytest.raises(ValueError, match="expected one jsonData, found 0"):
        with_password("datasources: []\n", "energytrack")


def test_people_are_notified_while_this_plant_s_lines_are_at_work(laid_out: Path) -> None:
    contacts = read(laid_out / "grafana" / CONTACTS)
    names = {interval["name"] for interval in contacts["muteTimes"]}
    assert "at-work-milling" in names
    assert "at-work-machining-a" not in names
    zones = {each["location"] for interval in contacts["muteTimes"] for each in interval["time_intervals"]}
    assert zones == {"America/Chicago"}
    manager = read(laid_out / "prometheus" / "contacts" / "mail.yml")
    assert {interval["name"] for interval in manager["time_intervals"]} == names


def test_variables_of_alertmanager_s_file_stand_bare(laid_out: Path) -> None:
    """Their values bring their own quotes."""
    text = (laid_out / "prometheus" / "contacts" / "mail.yml").read_text(encoding="utf-8")
    assert "${ENERGYTRACK_ALERTS_MAIL_TO}" in text
    assert '"${' not in text


def test_the_example_plant_s_files_say_what_is_committed(tmp_path: Path) -> None:
    """As values; only the form of the routes is another."""
    lay_out(load_plant(ROOT / "plant.toml"), tmp_path)
    for folder in ("grafana", "prometheus"):
        for path in (tmp_path / folder).rglob("*"):
            if path.suffix == ".json":
                committed = ROOT / path.relative_to(tmp_path)
                assert path.read_text(encoding="utf-8") == committed.read_text(encoding="utf-8")
            elif path.suffix in {".yaml", ".yml"}:
                assert read(path) == read(ROOT / path.relative_to(tmp_path))


def test_what_an_earlier_plant_left_goes(tmp_path: Path) -> None:
    stray = tmp_path / "grafana" / "dashboards" / "old.json"
    stray.parent.mkdir(parents=True)
    stray.write_text("{}")
    lay_out(load_plant(ROOT / "plant.toml"), tmp_path)
    assert not stray.exists()


def test_another_file_may_say_who_is_paged(tmp_path: Path) -> None:
    assert main(["--plant", str(ROOT / "plant.toml"), "--out", str(tmp_path), "--contacts", "contacts/mail.yaml"]) == 0
    assert read(tmp_path / "grafana" / CONTACTS) == read(ROOT / "grafana" / "contacts" / "mail.yaml")


def test_a_plant_file_that_is_none_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--plant", str(tmp_path / "nowhere.toml"), "--out", str(tmp_path)]) == 2
    assert "nowhere.toml" in capsys.readouterr().err
