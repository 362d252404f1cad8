"""Set up a new computer: `python3 -m local.bootstrap stack` (or `dev`) installs what the rest needs.

It uses the standard library only, because nothing else is installed yet. Missing programs come from apt if that is
allowed, the virtual environment from a lock file; what is already there is not touched.
"""

import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036  # an older Python must hear it before it meets what it cannot read
    names = ["python3.%d" % minor for minor in range(11, 20)]  # noqa: UP031
    newer = next((path for path in map(shutil.which, names) if path), None)
    if newer:
        os.execv(newer, [newer, "-m", "local.bootstrap", *sys.argv[1:]])  # noqa: S606
    sys.exit("Energy Track needs Python 3.11 or newer, and python3 is %d.%d." % sys.version_info[:2])  # noqa: UP031

from local.install import apt, environment, programs

ROOT = Path(__file__).resolve().parent.parent


def main(purpose: str) -> None:
    """Prepare this computer for the stack, or for development; exits with a sentence if that is impossible."""
    development = purpose == "dev"
    try:
        _bring_programs(programs.FOR_TESTS if development else programs.FOR_THE_STACK)
        _bring_environment(environment.FOR_DEVELOPMENT if development else environment.FOR_THE_STACK)
    except (apt.CannotInstall, environment.CannotMake) as error:
        sys.exit(f"\n{error}" if sys.stdout.isatty() else str(error))
    except KeyboardInterrupt:
        sys.exit("\ninterrupted; the next run continues from here")


def _bring_programs(wanted: tuple[programs.Program, ...]) -> None:
    absent = programs.missing(wanted)
    packages = () if environment.has_venv() else (f"python3.{sys.version_info.minor}-venv",)
    if not absent and not packages:
        return
    names = ", ".join([*(program.name for program in absent), *packages])
    with _shown(f"installing {names}"):
        apt.install(absent, packages=packages)


def _bring_environment(lock: str) -> None:
    if environment.is_current(ROOT, lock):
        return
    with _shown(f"Python environment from {lock}") as say:
        environment.make(ROOT, lock, say=say)


class _Progress:
    """One line that is rewritten on a terminal; otherwise it is printed once, at its end."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.started = time.monotonic()

    def __call__(self, detail: str) -> None:
        if sys.stdout.isatty():
            sys.stdout.write(f"\r\033[K  … {self.title}: {detail}")
            sys.stdout.flush()

    def end(self) -> None:
        start = "\r\033[K" if sys.stdout.isatty() else ""
        print(f"{start}  ✓ {self.title}  {time.monotonic() - self.started:.1f} s", flush=True)


@contextmanager
def _shown(title: str) -> Iterator[_Progress]:
    progress = _Progress(title)
    progress("")
    yield progress
    progress.end()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "stack")
