"""Render alerts.toml into what pages people, or say which files are not what it makes.

python -m tools.alerts            write Prometheus' rules, Alertmanager's configuration and Grafana's alerting
python -m tools.alerts --check    change nothing; exit 1 where a file differs
"""

import argparse
import sys
from pathlib import Path
from typing import Any, Final

import yaml

from energytrack.plant import load_plant
from tools.alerts import grafana
from tools.alerts.catalogue import load
from tools.alerts.manager import PEOPLE, Contacts, by_environment, configuration
from tools.alerts.rules import rules

HEAD: Final = "# Made by `python -m tools.alerts` from alerts.toml{further}; what is changed here is lost.\n"
WEBHOOK: Final = "http://127.0.0.1:8000/api/alerts"
"""The control API on this machine; the local stack puts its own address in this place."""
TOKEN_FILE: Final = "alerts-token"  # noqa: S105  # where it is, not what it is
"""Beside Alertmanager's file: what the control API knows as ENERGYTRACK_CONTROL_API_ALERTS_TOKEN."""
GRAFANA_RULES: Final = Path("grafana/provisioning/alerting/rules.yaml")


class _Dumper(yaml.SafeDumper):
    """Keeps what people would write over several lines over several lines."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def rendered(alerts: Path, plant: Path) -> dict[Path, str]:
    """Every file with its text."""
    catalogue = load(alerts)
    described = load_plant(plant)
    manager = configuration(catalogue, described, Contacts(WEBHOOK, TOKEN_FILE))
    with_people = {
        Path(f"prometheus/contacts/{name}.yml"): HEAD.format(further=" and plant.toml")
        + _yaml(configuration(catalogue, described, by_environment(WEBHOOK, TOKEN_FILE, mail=mail, pager=pager)))
        for name, (mail, pager) in PEOPLE.items()
    }
    in_grafana = {
        GRAFANA_RULES: HEAD.format(further="") + _yaml(grafana.rules(catalogue, _earlier(GRAFANA_RULES))),
        **{
            Path(f"grafana/{'provisioning/alerting' if name == 'contacts.yaml' else 'contacts'}/{name}"): HEAD.format(
                further=" and plant.toml"
            )
            + _yaml(grafana.contacts(catalogue, described, people))
            for name, people in grafana.PEOPLE.items()
        },
    }
    return (
        in_grafana
        | with_people
        | {
            Path("prometheus/rules/alerts.yml"): HEAD.format(further="") + _yaml(rules(catalogue)),
            Path("prometheus/alertmanager.yml"): HEAD.format(further=" and plant.toml") + _yaml(manager),
        }
    )


def main(arguments: list[str]) -> int:
    """Write or check; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.alerts", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 on a difference")
    parser.add_argument("--alerts", type=Path, default=Path("alerts.toml"), help="the catalogue")
    parser.add_argument("--plant", type=Path, default=Path("plant.toml"), help="whose shifts count")
    options = parser.parse_args(arguments)
    differing = 0
    for path, text in rendered(options.alerts, options.plant).items():
        if not options.check:
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            print(f"{path}: not what `python -m tools.alerts` makes")
            differing = 1
    return differing


def _earlier(path: Path) -> dict[str, Any]:
    """What a file says before it is written anew."""
    return yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else {}


def _yaml(content: object) -> str:
    return yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
