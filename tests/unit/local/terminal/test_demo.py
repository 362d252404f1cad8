"""What a person is told of a start."""

from local.lifecycle.progress import StepProgress
from local.lifecycle.supervisord import Process
from local.terminal.demo import any_pipeline_service_ready, not_running


def a_process(name: str, state: str) -> Process:
    return Process(name, state, pid=1, started=1, seconds=1, exit_code=0)


def test_a_service_that_is_down_is_named() -> None:
    processes = [a_process("kafka", "RUNNING"), a_process("historian", "BACKOFF"), a_process("replay", "STARTING")]
    assert not_running(processes) == ["historian"]


def test_a_stack_without_any_service_of_the_pipeline_is_stopped_again() -> None:
    rows = {
        "kafka": StepProgress("kafka", "", "failed"),
        "caddy": StepProgress("caddy", "", "ready"),
        "simulator": StepProgress("s", "", "skipped"),
    }
    assert not any_pipeline_service_ready(rows)
    assert any_pipeline_service_ready({**rows, "exporters": StepProgress("exporters", "", "ready")})
