"""What is wrong with a field, in words without pydantic's terms."""

from collections.abc import Mapping
from typing import Any, Final

TEXTS: Final[Mapping[str, str]] = {
    "missing": "is required",
    "extra_forbidden": "is not a known field",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "is too large",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "string_type": "must be a text",
    "string_unicode": "must be a text",
    "string_too_short": "must have at least {min_length} character(s)",
    "string_too_long": "must have at most {max_length} characters",
    "string_pattern_mismatch": "must be {expected}",
    "text_misleading": "must not have the invisible character {character}, which changes how the text is shown",
    "text_invisible": "must have a visible character",
    "literal_error": "must be {expected}",
    "enum": "must be {expected}",
    "list_type": "must be a list",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "too_short": "must have at least {min_length} item(s)",
    "too_long": "must have at most {max_length} items",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "greater_than": "must be more than {gt}",
    "less_than": "must be less than {lt}",
    "date_type": "must be a date such as 2026-11-23",
    "date_parsing": "must be a date such as 2026-11-23",
    "date_from_datetime_parsing": "must be a date such as 2026-11-23",
    "date_from_datetime_inexact": "must be a date such as 2026-11-23",
    "datetime_type": "must be a time such as 2026-11-23T10:00:00Z",
    "datetime_parsing": "must be a time such as 2026-11-23T10:00:00Z",
    "datetime_from_date_parsing": "must be a time such as 2026-11-23T10:00:00Z",
    "datetime_object_invalid": "must be a time such as 2026-11-23T10:00:00Z",
    "timezone_aware": "must be a time with its zone, such as 2026-11-23T10:00:00Z",
}
"""By pydantic's error types; the names in braces are values from the error."""
_TIME: Final = "a time of the day such as 22:15"
_MONTH: Final = "a month such as 2026-10"
PATTERNS: Final[Mapping[str, str]] = {
    r"^([01]\d|2[0-3]):[0-5]\d$": _TIME,
    r"^$|^([01]\d|2[0-3]):[0-5]\d$": f"{_TIME}, or empty",
    r"^20\d\d-(0[1-9]|1[0-2])$": _MONTH,
    r"^[A-Za-z0-9][A-Za-z0-9._:-]*$": "a machine's id: letters, digits, and . _ : - after the first",
    r"^[0-9a-f]{20}$": "an alarm's id, as in the list of alarms",
    r"^\w[\w. -]{0,63}$": "up to 64 letters, digits, spaces, and . _ - after the first, which is a letter or digit",
    r"^[A-Za-z][A-Za-z0-9_.:-]*(/[a-z][a-z0-9_]*)?$": "a variable such as production, or press-0001/parts",
    r"^[a-z][a-z0-9_]*$": "a name of lower-case letters, digits and _ such as outdoor_temperature",
}
"""What texts must look like, in words, by their patterns."""


def message(error: Mapping[str, Any]) -> str:
    """The rest of the sentence after the field's name; an error type without a text here gets a general one."""
    text = TEXTS.get(error["type"])
    facts = dict(error.get("ctx", {}))
    if "pattern" in facts:
        facts["expected"] = PATTERNS.get(facts["pattern"], f"like {facts['pattern']}")
    return "is not valid" if text is None else text.format(**facts)
