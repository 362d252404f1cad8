"""Commands in what people read are printed as they can be typed."""

import re
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest

from tools.docs.__main__ import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


@each_page
def test_a_command_can_be_typed_outside_of_the_environment(page: Path) -> None:
    """`./et X`; only in a container, of Compose or a pod, it is `python -m X`."""
    text = re.sub(r"<!--.*?-->", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    text = re.sub(r"(docker compose(?: -f \S+)?|kubectl[^`\n]*) (exec|run)[^`\n]* python -m", "", text)
    text = text.split("## 0.1.0")[0].replace("`python -m …`", "")  # what was released is described as it was
    assert re.findall(r".*\bpython3? -m .*", text) == []


def test_a_command_in_an_alert_or_on_a_dashboard_can_be_typed() -> None:
    """Comments of the files may name the module; what people see may not."""
    alerts = tomllib.loads((ROOT / "alerts.toml").read_text(encoding="utf-8"))["alerts"]
    boards = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "grafana").rglob("*.json"))]
    assert len(boards) > 5
    shown = [str(value) for alert in alerts for value in alert.values()] + boards
    assert [
        found for text in shown for found in re.findall(r".{40}\bpython3? -m .{20}|^.?python3? -m .{20}", text)
    ] == []
    named = {name for text in shown for name in re.findall(r"\./et ([a-z_.]*[a-z_])", text)}
    assert {name for name in named if not can_be_run(name)} == set()


@each_page
def test_a_command_names_what_can_be_run(page: Path) -> None:
    named = set(re.findall(r"\./et ([a-z_.]*[a-z_])", page.read_text(encoding="utf-8")))
    assert {name for name in named if not can_be_run(name)} == set()


def test_a_command_explains_itself() -> None:
    """`--help` is read as such by each: one that takes no arguments would begin to work instead."""
    pages = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    named = set(re.findall(r"\./et ([a-z_.]*[a-z_])", pages))
    assert len(named) > 30
    assert {name for name in named if "parse_arg" not in source_of(name)} == set()


def source_of(name: str) -> str:
    """The module that `python -m` runs."""
    path = ROOT / name.replace(".", "/")
    return (path / "__main__.py" if path.is_dir() else path.with_suffix(".py")).read_text(encoding="utf-8")


def can_be_run(name: str) -> bool:
    """Whether `python -m` takes it: a module, or a package with a `__main__`."""
    found = find_spec(name)
    return found is not None and (found.submodule_search_locations is None or find_spec(f"{name}.__main__") is not None)
