"""Shows codes as words: types of machine, failure modes, warnings and components are written with underscores."""

from typing import Final

from grafana_foundation_sdk.models.dashboard import (
    DashboardRegexMapOptions,
    DataTransformerConfig,
    RegexMap,
    ValueMapping,
    ValueMappingResult,
)

_EVERY: Final = "/_/g"


def in_words(code: str) -> str:
    """`conveyor_belt` as "conveyor belt"."""
    return code.replace("_", " ")


def in_cells() -> list[ValueMapping]:
    """Mappings for a column of codes."""
    return [RegexMap(DashboardRegexMapOptions(_EVERY, ValueMappingResult(text=" ", index=0)))]


def in_names() -> list[DataTransformerConfig]:
    """Transformations for series that are named by a code."""
    return [DataTransformerConfig(id_val="renameByRegex", options={"regex": _EVERY, "renamePattern": " "})]


def in_labels(expression: str, label: str) -> str:
    """The expression with up to three underscores of a label replaced, for a mark, which Grafana shows unchanged."""
    for _ in range(3):
        expression = f'label_replace({expression}, "{label}", "$1 $2", "{label}", "(.*)_(.*)")'
    return expression
