"""The commands that mongosh sends for the database's first start in Compose, without mongosh."""

import json
import subprocess
from pathlib import Path
from typing import Any, Final, NamedTuple

from tools.frontend.__main__ import program

SCRIPT: Final = Path(__file__).parents[2] / "deploy" / "compose" / "mongo-user.js"
STAND_IN: Final = Path(__file__).with_suffix(".js")


class SentCommand(NamedTuple):
    """A command, and the database that it goes to."""

    database: str
    command: dict[str, Any]


def sent_by(script: Path, secrets: Path) -> list[SentCommand]:
    """What a script sends that finds these secrets in `/secrets`; node runs it."""
    ran = subprocess.run(
        [program("node"), STAND_IN, script, secrets], check=True, capture_output=True, text=True, timeout=60
    )
    return [SentCommand(**each) for each in json.loads(ran.stdout)]
