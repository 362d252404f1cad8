"""What the service is made of as it starts; as a process: tests/integration/control_api/test_main.py."""

import subprocess
import sys

import pytest


@pytest.mark.slow  # another Python imports it all
def test_nobody_loads_what_only_others_need() -> None:
    """A command for tokens has no use for the service, and the service none for tables until somebody sends a file."""
    code = """if True:
        import sys, control_api.__main__
        print("control_api.app" in sys.modules)
        import control_api.service
        print("control_api.app" in sys.modules, "pandas" in sys.modules)
    """
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.split() == ["False", "True", "False"]
