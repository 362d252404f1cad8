"""`python -m control_api`: serve the control API; `tokens` and `link` create credentials for scripts and people."""

import sys
from collections.abc import Mapping

from control_api import cli
from energytrack.running.service import entry


def main(env: Mapping[str, str]) -> None:
    arguments = cli.parse_arguments(sys.argv[1:])
    if arguments.verb in {None, "serve"}:
        from control_api.service import serve_control_api  # noqa: PLC0415  # a second of imports that commands spare

        serve_control_api(env)
    else:
        sys.exit(cli.run(arguments, env))


if __name__ == "__main__":
    entry(main)
