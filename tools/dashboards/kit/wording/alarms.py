"""Alarms by their words: "Failure risk high" for FailureRiskHigh."""

import re
from pathlib import Path
from typing import Final

from grafana_foundation_sdk.models.dashboard import ValueMap, ValueMapping, ValueMappingResult

from tools.alerts.catalogue import load

CATALOGUE: Final = Path("alerts.toml")


def in_words(rule: str) -> str:
    """The name of a rule in messages to people."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", rule).capitalize()


def in_cells() -> list[ValueMapping]:
    """Mappings for a column of rule names."""
    names = [alert.name for alert in load(CATALOGUE).alerts]
    return [
        ValueMap(
            options={name: ValueMappingResult(text=in_words(name), index=place) for place, name in enumerate(names)}
        )
    ]


def in_labels(expression: str) -> str:
    """The expression with the label `alarm` in words, up to four, for a mark, which Grafana shows unchanged."""
    for _ in range(3):
        expression = f'label_replace({expression}, "alarm", "$1 $2", "alarm", "(.*[a-z])([A-Z].*)")'
    return expression
