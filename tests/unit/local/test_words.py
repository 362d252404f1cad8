"""What a person reads: the live line, the wishes that are remembered."""

from pathlib import Path

from local.demo import is_worth_keeping, not_running
from local.live import QUERIES, Pulse, take_pulse
from local.progress import Row
from local.supervisord import Process
from local.wishes import Wishes, recall, remember, site_of


def a_process(name: str, state: str) -> Process:
    return Process(name, state, pid=1, started=1, seconds=1, exit_code=0)


def test_the_live_line_tells_rates_and_devices() -> None:
    assert str(Pulse(299.6, 300.2, 1234.0, 300.0)) == (
        "300 readings/s in · 300 insights/s out · 1,234 stored/s · 300 devices exported"
    )


def test_what_prometheus_does_not_know_yet_is_a_question_mark() -> None:
    answers = dict.fromkeys(QUERIES.values())
    assert str(take_pulse(lambda expression: answers[expression])).startswith("? readings/s in · ? insights/s out")


def test_a_service_that_is_down_is_named() -> None:
    processes = [a_process("kafka", "RUNNING"), a_process("historian", "BACKOFF"), a_process("replay", "STARTING")]
    assert not_running(processes) == ["historian"]


def test_a_stack_without_any_part_of_the_pipeline_is_not_worth_keeping() -> None:
    rows = {
        "kafka": Row("kafka", "", "failed"),
        "caddy": Row("caddy", "", "ready"),
        "simulator": Row("s", "", "skipped"),
    }
    assert not is_worth_keeping(rows)
    assert is_worth_keeping({**rows, "exporters": Row("exporters", "", "ready")})


def test_wishes_are_remembered_and_a_spoilt_memory_is_the_usual(tmp_path: Path) -> None:
    wishes = Wishes(port_offset=1000, devices=50, replay="/data/rig", replay_speed=10)
    remember(wishes, tmp_path)
    assert recall(tmp_path) == wishes
    (tmp_path / "wishes.json").write_text("{")
    assert recall(tmp_path) == Wishes()


def test_wishes_make_a_site() -> None:
    site = site_of(Wishes(port_offset=1000, devices=50), {"ENERGYTRACK_VAR": "/srv/var", "ENERGYTRACK_MONGO_URI": ""})
    assert (site.ports.kafka, site.devices, site.var, site.mongo_uri) == (10092, 50, Path("/srv/var"), None)
