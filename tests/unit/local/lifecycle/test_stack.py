"""What is done before anything starts."""

from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from energytrack.clock import SystemClock
from local.errors import CannotPrepare
from local.lifecycle import stack
from local.lifecycle.stack import at_once, clear_slate
from local.lifecycle.supervisord import pid_path
from local.services.catalogue import steps
from local.services.definition import Job
from local.services.kafka import broker_settings
from local.site import Ports, Site


def settled(text: str) -> dict[str, str]:
    """A broker's settings by name; of several, the last one counts."""
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line and not line.startswith("#"))


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
    assert settled(text)["broker.session.timeout.ms"] == "3000"  # a killed broker waits this long until it may return
    assert settled(broker_settings(replace(site, brokers=3)))["broker.session.timeout.ms"] == "9000"  # its leaders stay


def test_services_that_lost_their_supervisor_need_not_wait_for_each_other(tmp_path: Path) -> None:
    """There are topics and users already; a job still waits for the broker that it asks."""
    before = steps(Site(var=tmp_path))
    after = at_once(before)
    assert [step.name for step in after] == [step.name for step in before]
    assert any(step.needs for step in before if not isinstance(step, Job))
    assert [step for step in after if step.needs] == [step for step in before if isinstance(step, Job)]


def test_a_stack_without_a_supervisor_works_on_while_its_start_is_prepared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The seconds that this takes are no absence; another start first says what is in its way.

    And it takes few: whatever the services do without is not made then.
    """
    done: list[str] = []

    def note(name: str) -> None:
        def noted(*_: object, **__: object) -> str:
            done.append(name)
            return ""

        monkeypatch.setattr(stack, name, noted)

    def stop_here(*_: object) -> None:
        raise CannotPrepare("far enough")

    files = ["prepare_kafka", "prepare_mongo", "prepare_prometheus"]
    extras = ["resolve_jars", "made_class_archive", "fetch_page", "why_train"]
    for name in (*files, *extras, "clear_slate", "check_all"):
        note(name)
    monkeypatch.setattr(stack, "write_configuration", stop_here)
    site = Site(var=tmp_path)
    for again in (True, False):
        with pytest.raises(CannotPrepare, match="far enough"):
            stack.start(site, console=Console(file=StringIO()), clock=SystemClock(), foreground=False, again=again)
    assert done == [
        *files, "clear_slate", "check_all",
        "clear_slate", "check_all", *extras[:2], *files, *extras[2:],
    ]  # fmt: skip
