"""The series that Prometheus records, as docs/metrics.md lists them: each with the expression behind it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import yaml

from tools.docs.markdown import code, page, sentence, table

RULES: Final = Path(__file__).resolve().parents[2] / "prometheus" / "rules"
_INTRODUCTION: Final = """
Prometheus computes these from what it scrapes (`prometheus/rules/`). Their names are `level:metric:operation`; the
level names the labels that remain. Dashboards and alerts use them: they are fast, and correct whichever exporter
received a machine's messages. The comments in the files say why each one is as it is.
"""


def recorded_section() -> str:
    """All recorded series, by file and group."""
    return page("## Recorded series", _INTRODUCTION, *_groups())


def recorded_names() -> set[str]:
    """The names of all recorded series."""
    return {name for _, _, series in _recorded() for name, _ in series}


def _groups() -> Iterator[str]:
    for file, group, series in _recorded():
        yield page(
            f"### {group} (`{file}`)",
            table(["series", "expression"], ([code(name), code(expression)] for name, expression in series)),
        )


def _recorded() -> Iterator[tuple[str, str, list[tuple[str, str]]]]:
    """(file, group, [(series, expression)]) of each group that records anything."""
    for file in sorted(RULES.glob("*.yml")):
        for group in yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader)["groups"]:
            series = [(rule["record"], sentence(rule["expr"])) for rule in group["rules"] if "record" in rule]
            if series:
                yield file.name, group["name"], series
