"""`python -m control_api.web.assets`: fetch the libraries of the operators' page (npm, pinned by hash).

The files are not committed; nothing is loaded from outside at run time, and no package's script is run.
"""

import argparse
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
    """Where a package's file is stored."""
    return VENDOR / Path(file).name


def are_there() -> bool:
    """Whether all files exist, in the versions of the lock file."""
    lock = (HERE / "package-lock.json").read_bytes()
    kept = VENDOR / "package-lock.json"
    return kept.exists() and kept.read_bytes() == lock and all(vendor_path(file).exists() for file in FILES)


def fetch() -> None:
    """Install the packages in a temporary folder, and keep only the files that are needed."""
    npm = shutil.which("npm") or shutil.which("npm", path=str(Path(sys.executable).parent))
    if npm is None:
        raise FileNotFoundError("npm is needed once, to fetch the libraries of the operators' page")
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


def main() -> None:
    """Fetch the files unless they are there."""
    argparse.ArgumentParser(prog="python -m control_api.web.assets", description=__doc__).parse_args()
    if are_there():
        sys.stdout.write("the libraries of the operators' page are already installed\n")
        return
    try:
        fetch()
    except (FileNotFoundError, subprocess.CalledProcessError) as error:
        sys.exit(str(error))
    sys.stdout.write(f"the libraries of the operators' page are in {VENDOR}\n")


if __name__ == "__main__":
    main()
