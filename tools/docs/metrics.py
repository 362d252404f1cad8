"""docs/metrics.md: every metric that a service exports, found in the code."""

import ast
import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, Final, NamedTuple

from exporters.subjects import SUBJECTS
from tools.docs.markdown import NOTICE, code, page, sentence, table
from tools.docs.recorded import recorded_section

MAKERS: Final = {
    "Counter": "counter",
    "Gauge": "gauge",
    "Histogram": "histogram",
    "CounterMetricFamily": "counter",
    "GaugeMetricFamily": "gauge",
    "HistogramMetricFamily": "histogram",
}
"""The classes that make metrics, and their kinds."""
PREFIX: Final = "energytrack_"
SERVICES: Final = {
    "energytrack": "All services",
    "simulator": "simulator",
    "ml": "ml",
    "historian": "historian",
    "exporters": "exporters: the service",
    "control_api": "control_api",
    "gateway": "gateway: orders",
    "centre": "centre: the watch over MirrorMaker",
}
"""Packages whose code is searched for metrics; the exporters declare theirs (`exporters.subjects`)."""
_SUBJECTS: Final = {
    "devices": "exporters: machines",
    "energy": "exporters: energy",
    "predictions": "exporters: predictions",
    "plant": "exporters: the plant file",
    "plant_meters": "exporters: plant meters",
    "clocks": "exporters: clocks",
    "pipeline": "exporters: the pipeline",
    "disk": "exporters: the disks",
    "ledger": 'The energy ledger, for years; always with `source="ledger"` ([examples](promql.md#years))',
}
_INTRODUCTION: Final = """
What Prometheus scrapes, in base units (joules, watts, pascals, seconds, ratios). Recording rules turn them into
kilowatt hours and money; [Query Prometheus](promql.md) shows how to use both. Series of a machine have the labels
`device_id`, `device_type` and `line`. Counters start at zero. A histogram `x` has the series `x_bucket{le}`, `x_sum`
and `x_count`. Each service also exports Python's own `process_...` and `python_...`.
"""


class Metric(NamedTuple):
    """A metric, by the name that queries use."""

    name: str
    kind: str
    labels: tuple[str, ...]
    help: str


def metrics_page() -> str:
    return page(
        "# Metrics",
        NOTICE,
        _INTRODUCTION,
        *(_section(_SUBJECTS[subject], metrics) for subject, metrics in declared().items()),
        *(_section(SERVICES[package], metrics) for package, metrics in made().items()),
        recorded_section(),
    )


def all_metrics() -> list[Metric]:
    """Every metric of every service."""
    return [metric for metrics in (*declared().values(), *made().values()) for metric in metrics]


def declared() -> dict[str, list[Metric]]:
    """The exporters' metrics, by subject."""
    return {
        subject: [Metric(family.name, family.kind, family.labels, family.help) for family in families]
        for subject, families in SUBJECTS.items()
    }


@cache
def made() -> Mapping[str, list[Metric]]:
    """The other services' metrics, by package."""
    found = {package: sorted(set(_made_in(package))) for package in SERVICES}
    return {package: metrics for package, metrics in found.items() if metrics}


def _section(title: str, metrics: list[Metric]) -> str:
    return page(
        f"## {title}",
        table(
            ["metric", "type", "labels", "meaning"],
            ([code(m.name), m.kind, ", ".join(map(code, m.labels)), sentence(m.help)] for m in metrics),
        ),
    )


def _made_in(package: str) -> Iterator[Metric]:
    for module in _modules(package):
        text = Path(str(module.__file__)).read_text(encoding="utf-8")
        if not any(f"{maker}(" in text for maker in MAKERS):  # most modules: reading one takes milliseconds
            continue
        for call in ast.walk(ast.parse(text)):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in MAKERS:
                metric = _metric(call, call.func.id, module)
                if metric is not None:
                    yield metric


def _modules(package: str) -> Iterator[ModuleType]:
    """Every module of a package except its entry points, which run when they are imported."""
    root = importlib.import_module(package)
    for module in pkgutil.walk_packages(root.__path__, f"{package}."):
        if not module.name.endswith("__main__"):
            yield importlib.import_module(module.name)


def _metric(call: ast.Call, maker: str, module: ModuleType) -> Metric | None:
    """The metric that a call makes; None if it makes something else of that name (`collections.Counter`)."""
    words = {keyword.arg: keyword.value for keyword in call.keywords}
    arguments = [*call.args[:3], *[None] * (3 - len(call.args))]
    name, explained, labels = (
        _value(node or words.get(word), module)
        for node, word in zip(arguments, ("name", "documentation", "labels"), strict=True)
    )
    if labels is None:
        labels = _value(words.get("labelnames"), module)
    if not isinstance(name, str) or not name.startswith(PREFIX):
        return None
    kind = MAKERS[maker]
    suffix = "_total" if kind == "counter" and not name.endswith("_total") else ""
    return Metric(name + suffix, kind, tuple(labels or ()), str(explained))


def _value(node: ast.expr | None, module: ModuleType) -> Any:
    """The value of an argument, as far as the module's own names show it; None otherwise."""
    if node is None:
        return None
    try:
        return eval(compile(ast.Expression(node), module.__name__, "eval"), vars(module))  # noqa: S307  # our own code
    except NameError:
        return None
