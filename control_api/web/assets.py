"""`python -m control_api.web.assets`: fetch what the operators' page loads (npm, pinned by hash), beside the page.

The files are not committed; nothing is loaded from outside at run time, and no script of a package is run.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).resolve().parent
VENDOR: Final = HERE / "static" / "vendor"
FILES: Final = (
    "socket.io-client/dist/socket.io.esm.min.js",
    "uplot/dist/uPlot.esm.js",
    "uplot/dist/uPlot.min.css",
)


def vendor_path(file: str) -> Path:
    """Where a package's file lies beside the page."""
    return VENDOR / Path(file).name


def are_there() -> bool:
    """Whether the page has all that it loads, in the versions of the lock."""
    lock = (HERE / "package-lock.json").read_bytes()
    kept = VENDOR / "package-lock.json"
    return kept.exists() and kept.read_bytes() == lock and all(vendor_path(file).exists() for file in FILES)


def fetch() -> None:
    """Install the packages in a folder that is thrown away, and keep their files."""
    npm = shutil.which("npm") or shutil.which("npm", path=str(Path(sys.executable).parent))
    if npm is None:
        raise FileNotFoundError("npm is needed once, to fetch what the operators' page loads")
    with tempfile.TemporaryDirectory() as folder:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, folder)
        subprocess.run(  # noqa: S603  # npm itself, with fixed arguments
            [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], cwd=folder, check=True
        )
        VENDOR.mkdir(parents=True, exist_ok=True)
        for file in FILES:
            shutil.copy(Path(folder) / "node_modules" / file, vendor_path(file))
        shutil.copy(HERE / "package-lock.json", VENDOR)


if __name__ == "__main__":
    if are_there():
        sys.stdout.write("the operators' page has all that it loads\n")
    else:
        try:
            fetch()
        except (FileNotFoundError, subprocess.CalledProcessError) as error:
            sys.exit(str(error))
        sys.stdout.write(f"what the operators' page loads is in {VENDOR}\n")
