"""How to call a command where this code runs: with the launcher of a checkout, or as a module in a container."""

from pathlib import Path
from typing import Final

LAUNCHER: Final = Path(__file__).parents[2] / "et"


def launch_command(module: str) -> str:
    """`./et MODULE` in a checkout, and `python -m MODULE` where only the packages are installed."""
    return f"./et {module}" if LAUNCHER.is_file() else f"python -m {module}"
