"""Check dashboards and rules with their communities' linters, if these Go programs are installed.

python -m tools.linters

- dashboard-linter (https://github.com/grafana/dashboard-linter), strict; grafana/dashboards/.lint has the exceptions
- pint (https://cloudflare.github.io/pint/), offline; .pint.hcl has the exceptions
"""

import argparse
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
BOARDS: Final = Path("grafana/dashboards")
RULES: Final = Path("prometheus/rules")
HOME_OF_GO: Final = Path.home() / "go" / "bin"


def commands(find: Callable[[str], str | None]) -> tuple[list[list[str]], list[str]]:
    """The commands that can be run here, and a sentence for each linter that is not installed."""
    linter, pint = find("dashboard-linter"), find("pint")
    run, skipped = [], []
    if linter is None:
        skipped.append(f"{BOARDS} not checked by dashboard-linter, which is not installed here")
    else:
        run += [[linter, "lint", "--strict", str(file)] for file in sorted((ROOT / BOARDS).glob("*.json"))]
    if pint is None:
        skipped.append(f"{RULES} not checked by pint, which is not installed here")
    else:
        run.append([pint, "--offline", "--no-color", "lint", "--fail-on", "warning", str(ROOT / RULES)])
    return run, skipped


def installed(name: str) -> str | None:
    """A program on the path, or in the folder of Go's programs; None if there is none."""
    return shutil.which(name) or shutil.which(name, path=str(HOME_OF_GO))


def main(arguments: list[str]) -> int:
    """Run them; returns the exit code."""
    argparse.ArgumentParser(prog="python -m tools.linters", description=__doc__).parse_args(arguments)
    run, skipped = commands(installed)
    for sentence in skipped:
        print(sentence)
    failed = 0
    for command in run:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            failed = 1
            print(done.stdout + done.stderr, file=sys.stderr)
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
