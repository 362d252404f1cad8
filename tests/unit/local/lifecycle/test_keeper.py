"""The process that the supervisor keeps sees to the supervisor."""

import subprocess
import sys
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


def test_it_spares_the_imports_of_what_it_does_not_use() -> None:
    """It is the first that has to be back when the supervisor is killed."""
    code = "import sys, local.lifecycle.keeper; print({'numpy', 'pymongo', 'kafka'} & set(sys.modules))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "set()\n"
