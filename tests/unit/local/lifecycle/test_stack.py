"""What is done before anything starts."""

from dataclasses import replace
from io import StringIO
from pathlib import Path

from rich.console import Console

from local.lifecycle.stack import clear_slate
from local.lifecycle.supervisord import pid_path
from local.services.kafka import broker_settings
from local.site import Ports, Site


def test_what_a_run_without_an_end_has_left_is_removed_and_said(tmp_path: Path) -> None:
    site = Site(var=tmp_path)
    site.logs.mkdir()
    site.log("kafka").write_text("last words")
    pid_path(site).write_text("4194304")
    said = StringIO()
    clear_slate(site, Console(file=said))
    assert "removed its stale supervisord.pid" in said.getvalue()
    assert not pid_path(site).exists()
    assert list(site.logs.iterdir()) == []
    assert (tmp_path / "log.previous" / "kafka.log").read_text() == "last words"


def test_nothing_is_said_of_a_run_that_ended_in_order(tmp_path: Path) -> None:
    site = Site(var=tmp_path)
    site.logs.mkdir()
    said = StringIO()
    clear_slate(site, Console(file=said))
    assert not said.getvalue()


def test_the_broker_gets_its_addresses_after_what_all_brokers_share(tmp_path: Path) -> None:
    site = Site(var=tmp_path, cache=tmp_path / "cache", ports=Ports(kafka=1, kafka_controller=2))
    text = broker_settings(site)
    shared = (site.root / "kafka" / "broker.properties").read_text()
    assert text.startswith(shared.replace("/secrets/kafka", f"{tmp_path}/secrets/kafka"))
    assert "listeners=INTERNAL://127.0.0.1:1,CONTROLLER://127.0.0.1:2\n" in text
    assert "ANONYMOUS" not in text
    assert "super.users=User:ANONYMOUS" in broker_settings(replace(site, kafka_users=False))
    assert f"log.dirs={tmp_path}/kafka/data\n" in text
