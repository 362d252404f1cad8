"""Run the tests on other days, at other hours, in other zones, and on a busy machine.

python -m tools.any_day                           eight runs of the tests that need no servers
python -m tools.any_day days zones tests/contract every move of the day in every zone, of other tests
"""

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from tools.any_day.runs import KINDS, USUAL, SuiteRun

ROOT: Final = Path(__file__).parents[2]
LOGS: Final = ROOT / "var" / "any_day"
WITHOUT_SERVERS: Final = ("tests/unit", "tests/property")
COMMAND: Final = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")


def main(arguments: list[str]) -> int:
    """Run them one after the other; returns 1 if one failed."""
    parser = argparse.ArgumentParser(prog="python -m tools.any_day", description=__doc__)
    parser.add_argument("what", nargs="*", help=f"kinds of runs ({', '.join(KINDS)}), and folders or files of tests")
    parser.add_argument("--pytest", default="-n 2 --dist loadfile", help="further arguments for pytest, in one word")
    options = parser.parse_args(arguments)
    kinds = [word for word in options.what if word in KINDS] or USUAL
    tests = [word for word in options.what if word not in KINDS] or WITHOUT_SERVERS
    runs = [run for kind in kinds for run in KINDS[kind]()]
    if any(run.hour for run in runs) and shutil.which("faketime") is None:
        print("faketime is missing, which moves the clock. Install with:  sudo apt-get install --yes faketime")
        return 2
    LOGS.mkdir(parents=True, exist_ok=True)
    return max([_played(run, number, [*tests, *options.pytest.split()]) for number, run in enumerate(runs, 1)])


def _played(run: SuiteRun, number: int, arguments: list[str]) -> int:
    log = LOGS / f"{number:02}.log"
    begun = time.monotonic()
    with log.open("w", encoding="utf-8") as output, busy((os.cpu_count() or 1) if run.busy else 0):
        code = subprocess.run(
            [*run.prefix(datetime.now(UTC).date()), *COMMAND, *arguments],
            env={**os.environ, **run.environment},
            cwd=ROOT,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        ).returncode
    last_line = (log.read_text(encoding="utf-8").splitlines() or ["nothing was said"])[-1].strip("= ")
    where = "" if code == 0 else f"  ({log.relative_to(ROOT)})"
    print(
        f"{'green' if code == 0 else 'RED':6}{run.name:52}{time.monotonic() - begun:6.0f} s  {last_line}{where}",
        flush=True,
    )
    return min(code, 1)


@contextmanager
def busy(processes: int) -> Iterator[list["subprocess.Popen[bytes]"]]:
    """Processes that keep the processor busy until the context ends."""
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(processes)]
    try:
        yield loops
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
