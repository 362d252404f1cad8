"""Names for the model's features that maintenance people understand, by patterns of the features' names."""

from typing import Final

from grafana_foundation_sdk.models.dashboard import (
    DashboardRegexMapOptions,
    DataTransformerConfig,
    RegexMap,
    ValueMapping,
    ValueMappingResult,
)

from tools.dashboards.kit.wording.colours import PLAIN

WORDS: Final = (
    ("^(unusual|largest_shift)$", "signals that do not fit together"),
    ("^(.+)_mean_(.+)$", "$1, average over $2"),
    ("^(.+)_deviation_(.+)$", "$1, variation over $2"),
    ("^(.+)_rise_(.+)$", "$1, rise over $2"),
    ("^(.+)_departure_(.+)$", "$1, deviation over $2"),
    ("^(.+)_shift$", "$1, deviation from its usual value"),
    ("^codes_since_repair_(.+)$", "warning codes since the last repair, in $1"),
    ("^codes_(.+)$", "warning codes in $1"),
    ("^code_(.+)_([0-9]+[a-z]+)$", "warning code $1 in $2"),
    ("^type_(.+)$", "type of machine"),
    ("^hours_since_code$", "time since the last warning code"),
    ("^hours_since_failure$", "time since the last failure"),
    ("^hours_since_maintenance$", "time since maintenance"),
    ("^hours_since_maintenance_(.+)$", "time since work on $1"),
    ("^age_years$", "age of the machine"),
)
"""Pattern and words; a feature's value comes in words with the insight (ml/scoring/wording.py)."""


def in_cells() -> list[ValueMapping]:
    """Mappings for a column of features."""
    return [
        RegexMap(DashboardRegexMapOptions(pattern, ValueMappingResult(text=words, color=PLAIN, index=index)))
        for index, (pattern, words) in enumerate(WORDS)
    ]


def in_names() -> list[DataTransformerConfig]:
    """Transformations for series that are named by their feature."""
    return [
        DataTransformerConfig(id_val="renameByRegex", options={"regex": pattern, "renamePattern": words})
        for pattern, words in WORDS
    ]
