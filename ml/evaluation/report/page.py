"""An evaluation as one self-contained page: no scripts, no other files, nothing from the network."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

from jinja2 import DictLoader, Environment, StrictUndefined

from ml.evaluation.detection import DetectionScores
from ml.evaluation.prediction import Comparison, pooled
from ml.evaluation.report import plots
from ml.evaluation.report.words import stated_in_words
from ml.evaluation.results import DetectionReport, FailureReport
from ml.measures.text import interval, number, percent


@dataclass(frozen=True)
class Picture:
    """A plot with its title."""

    title: str
    source: str
    """A data URI."""


def failures_page(report: FailureReport, trials: Sequence[Comparison], *, command: str) -> str:
    """The page of a recording with failures."""
    pictures = {trial.section.split: _of_failures(trial) for trial in trials if trial.parts}
    return _render("failures.html", report=report, pictures=pictures, command=command)


def detection_page(report: DetectionReport, judged: Mapping[str, DetectionScores], *, command: str) -> str:
    """The page of a recording with labelled ranges."""
    champion = report.contenders[0]
    models = sum(contender.model for contender in report.contenders)
    curves = {name: (one.table.label, one.score) for name, one in judged.items()}
    example, device = plots.example_run(judged[champion.name])
    pictures = (
        Picture("Precision and recall, over all rows", plots.precision_recall(curves, models)),
        Picture("Time from fault to alarm, run by run", plots.delays(champion)),
        Picture(f"A typical run: {device}", example),
    )
    return _render("detection.html", report=report, pictures=pictures, command=command)


def _of_failures(trial: Comparison) -> tuple[Picture, ...]:
    models = sum(verdict.model for verdict in trial.section.verdicts)
    curves = {}
    for name, parts in trial.parts.items():
        table, probability = pooled(parts)
        curves[name] = (table.label, probability)
    run_up, device = plots.run_up(trial)
    return (
        Picture("Precision and recall, over all rows", plots.precision_recall(curves, models)),
        Picture("Predicted probability and observed frequency", plots.reliability(trial, models)),
        Picture("Warning time before failures, at one false alarm per machine and month", plots.lead_times(trial)),
        Picture(f"Before a failure: {device}", run_up),
    )


def _render(name: str, **facts: object) -> str:
    folder = files("ml.evaluation.report")
    sources = {page.name: page.read_text(encoding="utf-8") for page in folder.iterdir() if page.name.endswith(".html")}
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.loader = DictLoader(sources)
    environment.globals |= {"stated_in_words": stated_in_words}
    environment.filters |= {"number": number, "interval": interval, "percent": percent}
    return environment.get_template(name).render(**facts)
