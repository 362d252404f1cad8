"""The additional text of each alert about a disk: when it will be full, and what uses it."""

from typing import Final

from tools.alerts.values import FURTHEST, if_known

PROMETHEUS_TEXT: Final = (
    f'{{{{ range printf "abs(disk:lasts_seconds:min{{disk=%q}} >= 0) / 3600 < {FURTHEST}" $labels.disk | query }}}}'
    'At the growth of the last hour, it will be full in {{ . | value | printf "%.0f" }} h. {{ end }}'
    f'{{{{ with printf "sort_desc(topk(3, disk_part:used_bytes:max{{disk=%q}} >= 1 < {FURTHEST}))" $labels.disk'
    " | query }}"
    'Largest parts: {{ range $i, $part := . }}{{ if $i }}, {{ end }}{{ $part | label "part" }} '
    "{{ $part | value | humanize1024 }}B{{ end }}. {{ end }}"
)
"""`abs` takes the sign off a zero."""
PARTS: Final = ("kafka", "mongo", "prometheus", "log")
"""The parts that grow. One query each, because Grafana's templates cannot query Prometheus."""
GRAFANA_QUERIES: Final[dict[str, str]] = {
    "lasts": "abs(disk:lasts_seconds:min >= 0) / 3600",
    **{part: f'sum by (disk) (disk_part:used_bytes:max{{part="{part}"}} >= 1)' for part in PARTS},
}
GRAFANA_TEXT: Final = (
    "{{ with $values.lasts }}"
    + if_known(".Value", 'At the growth of the last hour, it will be full in {{ printf "%.0f" .Value }} h. ')
    + "{{ end }}"
    + "".join(
        f"{{{{ with $values.{part} }}}}"
        + if_known(".Value", f"{part} uses {{{{ humanize1024 .Value }}}}B. ")
        + "{{ end }}"
        for part in PARTS
    )
)
