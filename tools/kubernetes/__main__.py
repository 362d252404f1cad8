"""Put Prometheus' rules into the form that its operator takes, or say that the file is not what the rules say.

python -m tools.kubernetes            write deploy/kubernetes/base/rules.yaml
python -m tools.kubernetes --check    change nothing; exit 1 where it differs
"""

import argparse
import sys
from pathlib import Path
from typing import Final

import yaml

ROOT: Final = Path(__file__).parents[2]
FILE: Final = Path("deploy/kubernetes/base/rules.yaml")
HEAD: Final = "# Made by `python -m tools.kubernetes` from prometheus/rules; what is changed here is lost.\n"


def rendered() -> str:
    """One object for each file of rules."""
    return HEAD + "---\n".join(
        yaml.safe_dump(_object(file), sort_keys=False, allow_unicode=True, width=10_000)
        for file in sorted((ROOT / "prometheus" / "rules").glob("*.yml"))
    )


def main(arguments: list[str]) -> int:
    """Write or check; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.kubernetes", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 on a difference")
    file, text = ROOT / FILE, rendered()
    if not parser.parse_args(arguments).check:
        file.write_text(text, encoding="utf-8")
    elif not file.exists() or file.read_text(encoding="utf-8") != text:
        print(f"{FILE}: not what `python -m tools.kubernetes` makes")
        return 1
    return 0


def _object(file: Path) -> dict[str, object]:
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": file.stem},
        "spec": {"groups": yaml.safe_load(file.read_text(encoding="utf-8"))["groups"]},
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
