"""The linters of Grafana's and Prometheus' communities run where they are installed, and say where they are not."""

import re
from pathlib import Path

import yaml

from tests.unit.grafana.dashboards import FOLDER, boards
from tools.linters.__main__ import BOARDS_OF_THE_CENTRE, CHECKS, ROOT, RULES, asking, commands, installed, main


def test_each_dashboard_and_the_rules_are_checked() -> None:
    run, skipped = commands(lambda name: f"/somewhere/{name}", CHECKS, offline=True)
    of_the_centre = list((ROOT / BOARDS_OF_THE_CENTRE).glob("*.json"))
    assert [command[0] for command in run] == [
        *["/somewhere/dashboard-linter"] * (len(boards()) + len(of_the_centre)),
        "/somewhere/pint",
    ]
    assert skipped == []


def test_what_is_not_installed_is_said() -> None:
    run, skipped = commands(lambda _: None, CHECKS, offline=True)
    assert run == []
    assert [sentence.rpartition(",")[2] for sentence in skipped] == [" which is not installed here"] * 2


def test_pint_asks_a_running_prometheus_if_it_is_told_to() -> None:
    checks = Path("checks.hcl")
    (offline,), _ = commands({"pint": "pint"}.get, checks, offline=True)
    (asked,), _ = commands({"pint": "pint"}.get, checks, offline=False)
    assert "--offline" in offline
    assert asked == [word for word in offline if word != "--offline"]
    assert asked[asked.index("--config") + 1] == "checks.hcl"
    assert 'uri     = "http://127.0.0.1:9090"' in asking("http://127.0.0.1:9090")


def test_they_have_nothing_to_say() -> None:
    """Where they are installed; elsewhere nothing is run."""
    assert main([]) == 0
    assert installed("no-such-linter") is None


def test_each_exception_has_its_reason() -> None:
    excepted = yaml.load((FOLDER / ".lint").read_text(encoding="utf-8"), yaml.CSafeLoader)["exclusions"]
    assert all(each["reason"].endswith(".") for each in excepted.values())


def test_only_units_with_a_parameter_are_excepted() -> None:
    """The linter lists Grafana's units, but not those that have a currency, a unit or a format in them."""
    excepted = yaml.load((FOLDER / ".lint").read_text(encoding="utf-8"), yaml.CSafeLoader)["exclusions"][
        "panel-units-rule"
    ]
    panels = {(board.json["title"], panel["title"]): panel for board in boards() for panel in board.panels}
    for each in excepted["entries"]:
        config = panels[each["dashboard"], each["panel"]]["fieldConfig"]
        units = [config["defaults"]["unit"]]
        units += [
            look["value"] for column in config["overrides"] for look in column["properties"] if look["id"] == "unit"
        ]
        assert any(unit.startswith(("currency:", "time:")) for unit in units), each


def test_rules_that_pint_excepts_exist() -> None:
    """An exception for a rule that is gone or renamed would hide what its new name has."""
    rules = (yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader) for file in (ROOT / RULES).glob("*.yml"))
    recorded = {
        rule["record"] for file in rules for group in file["groups"] for rule in group["rules"] if "record" in rule
    }
    names = re.findall(r'name = "(.+)"', CHECKS.read_text(encoding="utf-8"))
    assert names
    for alternative in (each for name in names for each in re.split(r"\|(?![^(]*\))", name)):
        assert any(re.fullmatch(alternative, record) for record in recorded), alternative
