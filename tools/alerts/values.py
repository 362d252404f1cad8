"""The values in texts of alerts, in words.

Names without underscores; the measured value with its unit and side of the limit, and never as an unknown number.
"""

import re
from typing import Final

from tools.alerts.catalogue import Unit

NOT_KNOWN: Final = -1e18
"""The result of a Grafana query whose value is missing: a query without a result would end the whole alert."""
FURTHEST: Final = "1e17"
"""All real values are closer to zero; NaN and infinities are not."""
SCALE: Final[dict[Unit, str]] = {"percent": "100", "celsius": "1", "pascal": "1e-5", "watt": "1e-3", "duration": "1"}
"""Factor from base units to the units that people read: percent, bar, kW."""


def _rounded(digits: int) -> str:
    """A value without the sign that it would keep when it is rounded to zero."""
    limit = 0.5 * 10.0**-digits
    zero = f"{{{{ if and (gt VALUE -{limit:g}) (lt VALUE {limit:g}) }}}}{0:.{digits}f}"
    return f'{zero}{{{{ else }}}}{{{{ printf "%.{digits}f" VALUE }}}}{{{{ end }}}}'


def _sided(digits: int, unit: str) -> str:
    """A difference as an amount and its side of the limit."""
    number = f'{{{{ printf "%.{digits}f" VALUE | reReplaceAll "^-" "" }}}} {unit}'
    return f"{{{{ if lt VALUE 0.0 }}}}{number} below{{{{ else }}}}{number} above{{{{ end }}}}"


def _short(digits: int, unit: str) -> str:
    """A number without decimals from ten on."""
    rounded = '{{ if ge VALUE 10.0 }}{{ printf "%.0f" VALUE }}'
    return f"{rounded}{{{{ else }}}}{_rounded(digits)}{{{{ end }}}} {unit}"


def whole(value: str) -> str:
    """A duration as people say it: `40 s`, `2 h 20 min`, `13 h`, `1 day 4 h`, `12 days`.

    Templates cannot calculate, so the finer parts of Go's `12d 3h 25m 45s` are cut off.
    """
    steps = (
        (r"^([1-6]d [0-9]+h|[0-9]+d|[0-9][0-9]h|[0-9]h [0-9]+m|[0-9]+m) .*", "$1"),
        (" 0[hm]$", ""),
        (r"([.][0-9]+)?s$", " s"),
        ("([0-9])h", "$1 h"),
        ("([0-9])m", "$1 min"),
        ("^1d", "1 day"),
        ("([0-9])d", "$1 days"),
    )
    return f"humanizeDuration {value}" + "".join(f' | reReplaceAll "{cut}" "{by}"' for cut, by in steps)


IN_WORDS: Final[dict[Unit, str]] = {
    "percent": _short(1, "%"),
    "celsius": _sided(1, "°C"),
    "pascal": _sided(2, "bar"),
    "watt": _short(2, "kW"),
    "duration": "{{ if lt VALUE 1.0 }}less than a second{{ else }}{{ " + whole("VALUE") + " }}{{ end }}",
}
OTHERWISE: Final[dict[Unit, str]] = {
    "percent": "unknown percentage",
    "celsius": "unknown difference from",
    "pascal": "unknown difference from",
    "watt": "an unknown power",
    "duration": "an unknown time",
}
"""The text in place of an unknown value."""

CODES: Final = frozenset({"job", "stage", "sensor"})
"""Labels whose values are written with underscores; names of machines, lines and topics are the plant's own."""

WITHOUT: Final = {
    "device_id": "A machine",
    "line": "its line",
    "sensor": "unnamed",
    "stage": "A service",
    "job": "A service",
    "topic": "without a name",
    "disk": "without a name",
    "baseline": "A machine or line",
    "measure": "without a name",
}
"""The text in place of a label that a series lacks."""


def with_labels(text: str) -> str:
    """The template of a text, each `{label}` replaced by the label's value."""
    return re.sub(r"(?<!{){(\w+)}(?!})", lambda gap: _label(gap[1]), text)


def _label(name: str) -> str:
    """The template of a label; Grafana also expands it without labels, if no series has data."""
    shown = f"{{{{ {as_words('.')} }}}}" if name in CODES else "{{ . }}"
    otherwise = f"{{{{ else }}}}{WITHOUT[name]}" if name in WITHOUT else ""
    return f"{{{{ with $labels.{name} }}}}{shown}{otherwise}{{{{ end }}}}"


def as_words(code: str) -> str:
    """The template expression for a code with spaces instead of underscores."""
    return f'{code} | reReplaceAll "_" " "'


def scaled(series: str, unit: Unit) -> str:
    """The query for a value in the units that people read."""
    return f"{SCALE[unit]} * {series}"


def in_words(unit: Unit, value: str) -> str:
    """The template of a value: `$value` in Prometheus, `.Value` of a query in Grafana."""
    return if_known(value, IN_WORDS[unit].replace("VALUE", value), OTHERWISE[unit])


def if_known(value: str, text: str, otherwise: str = "") -> str:
    """A template that shows `text` only if the value is a number."""
    shown = f"{{{{ if and (gt {value} -{FURTHEST}) (lt {value} {FURTHEST}) }}}}{text}"
    return f"{shown}{{{{ else }}}}{otherwise}{{{{ end }}}}" if otherwise else f"{shown}{{{{ end }}}}"
