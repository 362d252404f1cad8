"""The reasons for a machine's risk in words: features about the same thing are one reason, recorded as one series."""

from typing import Final

from energytrack.stopping.words import WORDS
from tools.alerts.values import FURTHEST, as_words, if_known, whole

RECORD: Final = "device_reason:failure_factor_ratio:sum"
"""How much a reason adds to the probability of a failure."""
REASONS: Final = {
    "temperature": ("temperature", "temperature.*"),
    "pressure": ("pressure", "pressure.*"),
    "current": ("current", "current.*"),
    "warnings": ("warning codes of its controller", "codes?_.*|hours_since_code"),
    "maintenance": ("time since maintenance or failure", "hours_since_(maintenance|failure).*"),
    "behaviour": ("signals that do not fit together", "unusual|largest_shift"),
    "kind": ("age and kind of the machine", "age_years|type_.*"),
}
"""The name of Grafana's query, the words, and the pattern of the features."""
OTHER: Final = ("other", "other signals")
"""The reason for the plant's additional signals, which have their own names."""
LEAST: Final = "0.02"
"""A contribution below two percentage points is not mentioned."""
FACTORS: Final = "energytrack_device_failure_factor_ratio"
MODES: Final = "energytrack_device_failure_mode_ratio"
LIFE: Final = "energytrack_device_remaining_life"
STOP: Final = "energytrack_device_stop_expected_cost"
STOP_WORDS: Final = (
    "".join(
        f'{{{{ {"if" if place == 0 else "else if"} eq $when "{when}" }}}}{text}'
        for place, (when, text) in enumerate(WORDS.items())
    )
    + "{{ end }}"
)
CLEAR: Final = "0.5"
"""A mode that is at least this likely is named."""

HALF_A_MINUTE: Final = 30
"""A shorter life is not worth naming: the machine may fail at any time."""
A_DAY: Final = 86_400


def _life(end: str) -> str:
    """The query for an end of the remaining life, rounded: minutes, hours from ten on, days from three on."""
    seconds = f"max({LIFE}_{end}_seconds{{device_id=%[1]q}} >= {HALF_A_MINUTE} < {FURTHEST})"
    steps = f"round({seconds} < 36000, 60) or round({seconds} < {3 * A_DAY}, 3600) or round({seconds}, {A_DAY})"
    return f'printf "{steps}" $labels.device_id | query'


OF_IT: Final = "{device_id=%q}"
OF_MODE: Final = '{device_id=%q,mode!=\\"\\"}'
OF_OPTION: Final = f'{{device_id=%q,option=~\\"{"|".join(WORDS)}\\"}}'
MODE: Final = as_words('$mode | label "mode"')
LENGTH: Final = whole("(. | first | value)")
CURRENCY: Final = (
    '{{ range query "topk(1, energytrack_tariff_price_per_kwh)" }}'
    '{{ with label "currency" . }} {{ . }}{{ end }}{{ end }}'
)

PROMETHEUS_TEXT: Final = (
    f'{{{{ with printf "sort_desc(topk(3, {RECORD}{OF_IT} > {LEAST}))" $labels.device_id | query }}}}'
    "Main reasons: {{ range $i, $reason := . }}{{ if $i }}, {{ end }}"
    '{{ $reason | label "reason" }}{{ end }}. {{ end }}'
    f'{{{{ with printf "sort_desc(100 * max by (mode) ({MODES}{OF_MODE} >= {CLEAR} <= 1))" $labels.device_id'
    " | query }}"
    "Like earlier failures: {{ range $i, $mode := . }}{{ if $i }}, {{ end }}"
    f'{{{{ {MODE} }}}} {{{{ $mode | value | printf "(%.0f %%)" }}}}{{{{ end }}}}. {{{{ end }}}}'
    f"{{{{ $least := {_life('at_least')} }}}}{{{{ $most := {_life('at_most')} }}}}"
    "{{ if or $least $most }}It has "
    f"{{{{ with $least }}}}at least {{{{ {LENGTH} }}}}{{{{ end }}}}{{{{ if and $least $most }}}}, {{{{ end }}}}"
    f"{{{{ with $most }}}}at most {{{{ {LENGTH} }}}}{{{{ end }}}} (8 of 10 in such a state). {{{{ end }}}}"
    f'{{{{ with printf "bottomk(1, max by (option) (abs({STOP}{OF_OPTION} >= 0) < {FURTHEST}))" $labels.device_id'
    " | query }}"
    f'Cheapest time to stop it: {{{{ $when := . | first | label "option" }}}}{STOP_WORDS}'
    f'{{{{ . | first | value | printf " (%.0f" }}}}{CURRENCY} expected). {{{{ end }}}}'
)
"""`abs` takes the sign off a zero."""


def logic() -> str:
    """The PromQL that records the contribution of each reason."""
    features_known = "|".join(features for _, features in REASONS.values())
    named = [(words, f'feature=~"{features}"') for words, features in REASONS.values()]
    parts = [
        f'label_replace({FACTORS}{{{which}}}, "reason", "{words}", "", "")'
        for words, which in [*named, (OTHER[1], f'feature!~"{features_known}"')]
    ]
    each = "\n  or\n  ".join(parts)
    # Several exporters may export the same machine.
    return (
        "sum by (device_id, device_type, line, reason) (\n"
        f"  max by (device_id, device_type, line, reason, feature) (\n  {each}\n  )\n)"
    )


def grafana_queries() -> dict[str, str]:
    """One query for each reason, because Grafana's templates cannot query Prometheus."""
    words = {name: text for name, (text, _) in REASONS.items()} | dict([OTHER])
    return {
        name: f'max by (device_id, device_type, line) ({RECORD}{{reason="{text}"}})' for name, text in words.items()
    }


def grafana_text() -> str:
    """The reasons as a list in Grafana's template; nothing if there are none."""
    words = {name: text for name, (text, _) in REASONS.items()} | dict([OTHER])
    parts = [
        f"{{{{ with $values.{name} }}}}"
        + if_known(".Value", f'{{{{ if gt .Value {LEAST} }}}}{{{{ $next }}}}{text}{{{{ $next = ", " }}}}{{{{ end }}}}')
        + "{{ end }}"
        for name, text in words.items()
    ]
    return '{{ $next := "Main reasons: " }}' + "".join(parts) + '{{ if eq $next ", " }}. {{ end }}'
