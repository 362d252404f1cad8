"""The process that the supervisor keeps sees to the supervisor."""

from typing import Any

import pytest

from local.lifecycle import keeper
from testkit.stack.servers import free_ports


def an_env() -> dict[str, str]:
    return {
        "ENERGYTRACK_METRICS_PORT": str(free_ports().disk),
        "ENERGYTRACK_DISK_FOLDERS": "",
        "ENERGYTRACK_VAR": "/srv/plant/var",
    }


def test_a_parent_that_is_gone_is_brought_back_once(monkeypatch: pytest.MonkeyPatch) -> None:
    parents = iter([700, 700, 700, 1])
    begun: list[Any] = []
    monkeypatch.setattr("os.getppid", lambda: next(parents))
    monkeypatch.setattr(keeper, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr("subprocess.Popen", lambda command, **options: begun.append((command, options)))
    keeper.main(an_env())
    ((command, options),) = begun
    assert command[1:] == ["-m", "local", "again"]
    assert options["env"] == {"ENERGYTRACK_VAR": "/srv/plant/var"}  # nothing else of this process
    assert options["start_new_session"] is True
