"""Write the dashboards into grafana/dashboards, or report those that differ from the generator's.

python -m tools.dashboards            write them
python -m tools.dashboards --check    exit 1 if a file differs, is missing or is not ours
"""

import argparse
import sys
from pathlib import Path

from energytrack.plant import load_plant
from tools.dashboards.catalogue import rendered, rendered_at_centre
from tools.dashboards.kit.frame import DashboardSite

FOLDER = Path("grafana/dashboards")
CENTRE = Path("grafana/centre/dashboards")
"""The folder of the centre's dashboards."""


def main(arguments: list[str]) -> int:
    """Write or check; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.dashboards", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 if a file differs")
    parser.add_argument("--plant", type=Path, default=Path("plant.toml"), help="whose currency and time zone apply")
    parser.add_argument("--out", type=Path, default=FOLDER, help="folder of the dashboards")
    parser.add_argument("--centre-out", type=Path, default=CENTRE, help="folder of those of the centre")
    options = parser.parse_args(arguments)
    plant = load_plant(options.plant)
    site = DashboardSite(plant.zone.key, plant.tariff.currency, lines=tuple(plant.lines), types=tuple(plant.types))
    sets = {options.out: rendered(site), options.centre_out: rendered_at_centre(site)}
    if options.check:
        differing = [folder / name for folder, files in sets.items() for name in differences(folder, files)]
        for path in differing:
            print(f"{path}: not what `python -m tools.dashboards` makes")
        return 1 if differing else 0
    for folder, files in sets.items():
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
        for stray in differences(folder, files):
            (folder / stray).unlink()
    return 0


def differences(folder: Path, files: dict[str, str]) -> list[str]:
    """Names of files that differ, are missing, or should not exist."""
    committed = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.json")}
    return sorted(name for name in committed.keys() | files.keys() if committed.get(name) != files.get(name))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
