"""Write the files of Grafana and Alertmanager for the plant that runs, from those committed for the example plant.

python -m tools.provision --plant plant.toml --out FOLDER

The committed dashboards show the example plant's zone and currency, and the committed routes its lines, shifts and
zone. The local stack and Compose write the files of the running plant before they start the servers. This needs neither
the generators' libraries nor a network.
"""

import argparse
import json
import re
import sys
from collections.abc import Iterator, Mapping
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final

from energytrack.errors import InvalidPlant
from energytrack.plant import Plant, load_plant
from tools.alerts import grafana
from tools.alerts.catalogue import Catalogue, load
from tools.alerts.manager import PEOPLE, Contacts, by_environment, configuration
from tools.dashboards.kit.wording.money import is_money, money

ROOT: Final = Path(__file__).parents[2]
WEBHOOK: Final = "http://127.0.0.1:8000/api/alerts"
TOKEN_FILE: Final = "alerts-token"  # noqa: S105  # where it is, not what it is
CONTACTS: Final = "provisioning/alerting/contacts.yaml"
"""The default contacts, below grafana/."""
DATA_SOURCE: Final = Path("grafana/provisioning/datasources/prometheus.yaml")

SIGN_IN: Final = """\
    basicAuth: true
    basicAuthUser: {user}
    secureJsonData:
      basicAuthPassword: ${{ENERGYTRACK_GRAFANA_PROMETHEUS_PASSWORD}}
"""
"""Of a data source; Grafana fills in the variable."""


def main(arguments: list[str]) -> int:
    """Write the files; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.provision", description=__doc__.splitlines()[0])
    parser.add_argument("--plant", type=Path, default=Path("plant.toml"), help="the plant that runs")
    parser.add_argument("--out", type=Path, required=True, help="folder that the files are laid out in")
    parser.add_argument("--scrape-seconds", type=int, help="how often machines are scraped, if not as committed")
    parser.add_argument("--prometheus-user", help="the user for Prometheus, whose password Grafana's environment has")
    parser.add_argument("--contacts", default=CONTACTS, help="under grafana/: which file says who is paged")
    options = parser.parse_args(arguments)
    try:
        plant = load_plant(options.plant)
    except InvalidPlant as error:
        sys.stderr.write(f"{error}\n")
        return 2
    lay_out(
        plant, options.out,
        contacts=options.contacts, scrape_seconds=options.scrape_seconds, prometheus_user=options.prometheus_user,
    )  # fmt: skip
    return 0


def lay_out(
    plant: Plant,
    out: Path,
    *,
    contacts: str = CONTACTS,
    scrape_seconds: int | None = None,
    prometheus_user: str | None = None,
) -> None:
    """Write the files of a plant into a folder; servers may be reading those of an earlier plant there."""
    catalogue = load(ROOT / "alerts.toml")
    committed = ROOT / "grafana"
    files = {
        Path("grafana") / path.relative_to(committed): path.read_text(encoding="utf-8")
        for path in (committed / "grafana.ini", *(committed / "provisioning").glob("*/*.yaml"))
    }
    for path in (committed / "dashboards").glob("*.json"):
        files[Path("grafana/dashboards") / path.name] = dashboard(path.read_text(encoding="utf-8"), plant)
    if scrape_seconds is not None:
        files[DATA_SOURCE] = data_source(files[DATA_SOURCE], scrape_seconds)
    if prometheus_user is not None:
        files[DATA_SOURCE] = with_password(files[DATA_SOURCE], prometheus_user)
    files |= dict(_routes(catalogue, plant))
    files[Path("grafana") / CONTACTS] = files[Path("grafana") / contacts]
    for path, text in files.items():
        (out / path).parent.mkdir(parents=True, exist_ok=True)
        unfinished = (out / path).with_suffix(".unfinished")
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(out / path)
    for folder in ("grafana", "prometheus"):
        for path in (out / folder).rglob("*"):
            if path.is_file() and path.relative_to(out) not in files:
                path.unlink()


def dashboard(text: str, plant: Plant) -> str:
    """A dashboard in the plant's zone and currency, with a colour for each of its lines."""
    described = json.loads(text)
    described["timezone"] = plant.zone.key
    _price(described, money(plant.tariff.currency))
    committed = load_plant(ROOT / "plant.toml")
    for ours, theirs in ((committed.lines, plant.lines), (committed.types, plant.types)):
        if tuple(ours) != tuple(theirs):
            _rename(described, dict(zip_longest(ours, tuple(theirs)[: len(ours)])))
    return json.dumps(described, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def data_source(text: str, scrape_seconds: int) -> str:
    """Grafana's data source with the interval behind `$__rate_interval`; raises ValueError without one."""
    changed, count = re.subn(r"(?m)^( +timeInterval:) \S+", rf"\1 {scrape_seconds}s", text)
    if count != 1:
        raise ValueError(f"{DATA_SOURCE}: expected one timeInterval, found {count}")
    return changed


def with_password(text: str, user: str) -> str:
    """Grafana's data source, which signs in to Prometheus; raises ValueError where that cannot be added."""
    options = SIGN_IN.format(user=json.dumps(user))
    changed, count = re.subn(r"(?m)^(?=    jsonData:$)", lambda _: options, text)
    if count != 1:
        raise ValueError(f"{DATA_SOURCE}: expected one jsonData, found {count}")
    return changed


def _rename(described: dict[str, Any], names: Mapping[str, str | None]) -> None:
    """Give the colours of the committed plant's lines (or types) to those of this plant, in their order."""
    for panel in described["panels"]:
        fields = panel.get("fieldConfig", {})
        fields["overrides"] = [
            each
            for each in fields.get("overrides", ())
            if each["matcher"]["id"] != "byName" or names.get(each["matcher"]["options"], "") is not None
        ]
        for each in fields["overrides"]:
            if each["matcher"]["id"] == "byName" and each["matcher"]["options"] in names:
                each["matcher"]["options"] = names[each["matcher"]["options"]]


def _price(value: Any, unit: str) -> None:
    """Give every amount of money within a JSON value this unit."""
    if isinstance(value, dict):
        for key, each in value.items():
            if isinstance(each, str) and is_money(each):
                value[key] = unit
            else:
                _price(each, unit)
    elif isinstance(value, list):
        for each in value:
            _price(each, unit)


def _routes(catalogue: Catalogue, plant: Plant) -> Iterator[tuple[Path, str]]:
    """The routes of notifications, by the plant's lines, shifts and zone. JSON is YAML, and needs no library."""
    for name, people in grafana.PEOPLE.items():
        path = CONTACTS if name == Path(CONTACTS).name else f"contacts/{name}"
        yield Path("grafana") / path, json.dumps(grafana.contacts(catalogue, plant, people), indent=1) + "\n"
    yield Path("prometheus/alertmanager.yml"), _manager(catalogue, plant, Contacts(WEBHOOK, TOKEN_FILE))
    for name, (mail, pager) in PEOPLE.items():
        people_by_variable = by_environment(WEBHOOK, TOKEN_FILE, mail=mail, pager=pager)
        yield Path(f"prometheus/contacts/{name}.yml"), _manager(catalogue, plant, people_by_variable)


def _manager(catalogue: Catalogue, plant: Plant, people: Contacts) -> str:
    """Alertmanager's file; variables are not quoted, as in the committed one, because their values have quotes."""
    text = json.dumps(configuration(catalogue, plant, people), indent=1) + "\n"
    return re.sub(r'"(\$\{\w+\})"', r"\1", text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
