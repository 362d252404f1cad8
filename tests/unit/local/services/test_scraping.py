"""Large plants are scraped less often."""

from dataclasses import replace
from pathlib import Path

import yaml

from local.services.scraping import LARGE, LARGE_SECONDS, USUAL_SECONDS, scrape_seconds, targets_file
from local.site import ROOT, Site

DATA_SOURCES = ROOT / "grafana" / "provisioning" / "datasources"


def test_only_large_plants_are_scraped_less_often(tmp_path: Path) -> None:
    site = Site(var=tmp_path)
    assert scrape_seconds(site) == USUAL_SECONDS
    assert scrape_seconds(replace(site, devices=LARGE)) == USUAL_SECONDS
    assert scrape_seconds(replace(site, devices=LARGE + 1)) == LARGE_SECONDS


def test_the_series_of_machines_alone_are_meant() -> None:
    """The services' own series are few, and tell of trouble."""
    (own,) = yaml.load(targets_file("historian", ["127.0.0.1:1"], LARGE_SECONDS), yaml.CSafeLoader)
    assert own == {"targets": ["127.0.0.1:1"]}
    (usual,) = yaml.load(targets_file("exporters", ["127.0.0.1:1"], USUAL_SECONDS), yaml.CSafeLoader)
    assert usual == {"targets": ["127.0.0.1:1"]}
    (machines,) = yaml.load(targets_file("exporters", ["127.0.0.1:1", "127.0.0.1:2"], LARGE_SECONDS), yaml.CSafeLoader)
    assert machines["targets"] == ["127.0.0.1:1", "127.0.0.1:2"]
    assert machines["labels"] == {"__scrape_interval__": "15s", "__scrape_timeout__": "14s"}


def test_what_is_usual_is_what_is_committed() -> None:
    """In Prometheus, and in Grafana's data source."""
    assert (
        yaml.load((ROOT / "prometheus/prometheus.yml").read_text(), yaml.CSafeLoader)["global"]["scrape_interval"]
        == "5s"
    )
    (file,) = DATA_SOURCES.iterdir()
    (committed,) = yaml.load(file.read_text(), yaml.CSafeLoader)["datasources"]
    assert committed["jsonData"]["timeInterval"] == f"{USUAL_SECONDS}s"
