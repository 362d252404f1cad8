"""What every alert about a disk tells: how long the room lasts, and what takes it."""

from typing import Final

from tools.alerts.values import if_known

PROMETHEUS_TEXT: Final = (
    '{{ range printf "disk:lasts_seconds:min{disk=%q}" $labels.disk | query }}At the growth of the last hour the room '
    "lasts {{ . | value | humanizeDuration }}. {{ end }}"
    '{{ with printf "sort_desc(topk(3, disk_part:used_bytes:max{disk=%q}))" $labels.disk | query }}What takes most: '
    '{{ range $i, $part := . }}{{ if $i }}, {{ end }}{{ $part | label "part" }} '
    "{{ $part | value | humanize1024 }}B{{ end }}. {{ end }}"
)
PARTS: Final = ("kafka", "mongo", "prometheus", "log")
"""What grows. Grafana's texts cannot ask Prometheus, so each is a query of its own."""
GRAFANA_QUERIES: Final[dict[str, str]] = {
    "lasts": "1 * disk:lasts_seconds:min",
    **{part: f'sum by (disk) (disk_part:used_bytes:max{{part="{part}"}})' for part in PARTS},
}
GRAFANA_TEXT: Final = (
    "{{ with $values.lasts }}"
    + if_known(".Value", "At the growth of the last hour the room lasts {{ humanizeDuration .Value }}. ")
    + "{{ end }}"
    + "".join(
        f"{{{{ with $values.{part} }}}}"
        + if_known(".Value", f"{part} takes {{{{ humanize1024 .Value }}}}B. ")
        + "{{ end }}"
        for part in PARTS
    )
)
