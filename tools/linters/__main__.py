"""Check dashboards and rules with their communities' linters, if these Go programs are installed.

python -m tools.linters
python -m tools.linters --prometheus http://127.0.0.1:9090      asks a running Prometheus, too

- dashboard-linter (https://github.com/grafana/dashboard-linter), strict; grafana/dashboards/.lint has the exceptions
- pint (https://cloudflare.github.io/pint/); .pint.hcl has the exceptions. With a Prometheus it also finds
  questions about series that are not there, that reach back further than what is kept, or that cost too much
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
BOARDS: Final = Path("grafana/dashboards")
BOARDS_OF_THE_CENTRE: Final = Path("grafana/centre/dashboards")
RULES: Final = Path("prometheus/rules")
CHECKS: Final = ROOT / ".pint.hcl"
HOME_OF_GO: Final = Path.home() / "go" / "bin"


def commands(find: Callable[[str], str | None], checks: Path, *, offline: bool) -> tuple[list[list[str]], list[str]]:
    """The commands that can be run here, pint with these checks, and a sentence for each linter that is missing."""
    linter, pint = find("dashboard-linter"), find("pint")
    run, skipped = [], []
    if linter is None:
        skipped.append(f"{BOARDS} not checked by dashboard-linter, which is not installed here")
    else:
        exceptions = str(ROOT / BOARDS / ".lint")
        files = [file for folder in (BOARDS, BOARDS_OF_THE_CENTRE) for file in sorted((ROOT / folder).glob("*.json"))]
        run += [[linter, "lint", "--strict", "--config", exceptions, str(file)] for file in files]
    if pint is None:
        skipped.append(f"{RULES} not checked by pint, which is not installed here")
    else:
        how = ["--offline"] if offline else []
        run.append(
            [pint, *how, "--no-color", "--config", str(checks), "lint", "--fail-on", "warning", str(ROOT / RULES)]
        )
    return run, skipped


def installed(name: str) -> str | None:
    """A program on the path, or in the folder of Go's programs; None if there is none."""
    return shutil.which(name) or shutil.which(name, path=str(HOME_OF_GO))


def main(arguments: list[str]) -> int:
    """Run them; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.linters", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--prometheus", metavar="ADDRESS", help="a running Prometheus that has the plant's series")
    address = parser.parse_args(arguments).prometheus
    with tempfile.TemporaryDirectory() as folder:
        checks = CHECKS
        if address is not None:
            checks = Path(folder) / CHECKS.name
            checks.write_text(CHECKS.read_text(encoding="utf-8") + asking(address), encoding="utf-8")
        run, skipped = commands(installed, checks, offline=address is None)
        for sentence in skipped:
            print(sentence)
        return _ran(run)


def asking(address: str) -> str:
    """What pint's configuration says about a Prometheus."""
    return f'\nprometheus "running" {{\n  uri     = {json.dumps(address)}\n  timeout = "60s"\n}}\n'


def _ran(run: list[list[str]]) -> int:
    failed = 0
    for command in run:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            failed = 1
            print(done.stdout + done.stderr, file=sys.stderr)
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
