"""What an alert measures, in words: with unit and side, and never a number that nobody knows."""

from typing import Final

from tools.alerts.catalogue import Unit

NOT_KNOWN: Final = -1e18
"""What a query of Grafana's answers for a value that is not there: a query without an answer ends the whole alert."""
FURTHEST: Final = "1e17"
"""No value is further from zero; NaN and infinities are not within it either."""
SCALE: Final[dict[Unit, str]] = {"percent": "100", "celsius": "1", "pascal": "1e-5", "watt": "1e-3", "duration": "1"}
"""What a series in base units is multiplied with: percent, bar, kW."""
IN_WORDS: Final[dict[Unit, str]] = {
    "percent": '{{ if ge VALUE 10.0 }}{{ printf "%.0f" VALUE }}{{ else }}{{ printf "%.1f" VALUE }}{{ end }} %',
    "celsius": '{{ if lt VALUE 0.0 }}{{ printf "%.1f" VALUE | reReplaceAll "^-" "" }} °C below'
    '{{ else }}{{ printf "%.1f" VALUE }} °C above{{ end }}',
    "pascal": '{{ if lt VALUE 0.0 }}{{ printf "%.2f" VALUE | reReplaceAll "^-" "" }} bar below'
    '{{ else }}{{ printf "%.2f" VALUE }} bar above{{ end }}',
    "watt": '{{ if ge VALUE 10.0 }}{{ printf "%.0f" VALUE }}{{ else }}{{ printf "%.2f" VALUE }}{{ end }} kW',
    "duration": "{{ humanizeDuration VALUE }}",
}
OTHERWISE: Final[dict[Unit, str]] = {
    "percent": "how much is not known",
    "celsius": "it is not known how far from",
    "pascal": "it is not known how far from",
    "watt": "an unknown power",
    "duration": "an unknown time",
}
"""What stands for a value that is not known."""


def scaled(series: str, unit: Unit) -> str:
    """The query for a value as it is told."""
    return f"{SCALE[unit]} * {series}"


def in_words(unit: Unit, value: str) -> str:
    """The text of a value: `$value` in Prometheus, `.Value` of a query of Grafana's."""
    return if_known(value, IN_WORDS[unit].replace("VALUE", value), OTHERWISE[unit])


def if_known(value: str, said: str, otherwise: str = "") -> str:
    """A text that is told only where the value is a number."""
    told = f"{{{{ if and (gt {value} -{FURTHEST}) (lt {value} {FURTHEST}) }}}}{said}"
    return f"{told}{{{{ else }}}}{otherwise}{{{{ end }}}}" if otherwise else f"{told}{{{{ end }}}}"
