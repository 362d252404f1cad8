"""`python -m control_api`: serve the control API; `tokens` and `link` let people and scripts in."""

import sys
from collections.abc import Mapping

from control_api import cli
from control_api.__main__ import serve_control_api
from energytrack.service import entry


def main(env: Mapping[str, str]) -> None:
    """Do what the command line asks for."""
    asked = cli.parsed(sys.argv[1:])
    if asked.verb in {None, "serve"}:
        serve_control_api(env)
    else:
        sys.exit(cli.run(asked, env))


if __name__ == "__main__":
    entry(main)
