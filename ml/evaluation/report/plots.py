"""Plots of an evaluation, each as a data URI of an SVG, so that the page needs no other file."""

from base64 import b64encode
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Final

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from sklearn.metrics import precision_recall_curve

from ml.arrays import Floats, Integers
from ml.datasets.table import Table
from ml.evaluation.detection import DetectionScores, DetectorResult
from ml.evaluation.prediction import BUDGETS, Comparison, FoldPredictions, pooled
from ml.measures.quality import BINS, bins_of

SIZE: Final = (5.6, 3.6)
"""Inches."""
COLOURS: Final = ("#0b6bcb", "#c2570c")
"""Colours of models; baselines are grey."""
MOST_POINTS: Final = 400
STRICT: Final = BUDGETS.index(1.0)


def precision_recall(curves: Mapping[str, tuple[Integers, Floats]], models: int) -> str:
    """Precision-recall curves of the contenders, from labels and scores; the first `models` of them are models."""

    def draw(axes: Axes) -> None:
        for place, (name, (label, score)) in enumerate(curves.items()):
            precision, recall, _ = precision_recall_curve(label, score)
            kept = np.unique(np.linspace(0, len(recall) - 1, MOST_POINTS).astype(np.int64))
            style = (0, (1 + place, 1.5)) if place >= models else "-"
            colour = COLOURS[place] if place < models else "#777777"
            axes.plot(recall[kept], precision[kept], color=colour, linestyle=style, drawstyle="steps-post", label=name)
        axes.set(
            xlabel="share of positive rows found (recall)", ylabel="share of found rows that are right (precision)"
        )
        axes.set(xlim=(0, 1.02), ylim=(0, 1.05))
        axes.legend(fontsize=8, loc="center left")

    return _picture(draw)


def reliability(trial: Comparison, models: int) -> str:
    """Observed frequency over predicted probability."""

    def draw(axes: Axes) -> None:
        axes.plot([0, 1], [0, 1], color="#999999", linewidth=1, linestyle="--", label="perfectly calibrated")
        for colour, (name, parts) in zip(COLOURS, list(trial.parts.items())[:models], strict=False):
            table, probability = pooled(parts)
            place = bins_of(probability)
            rows = np.bincount(place, minlength=BINS)
            filled = rows > 0
            predicted = np.bincount(place, weights=probability, minlength=BINS)[filled] / rows[filled]
            observed = np.bincount(place, weights=table.label, minlength=BINS)[filled] / rows[filled]
            axes.plot(predicted, observed, color=colour, marker="o", markersize=4, label=name)
            for x, y, n in zip(predicted.tolist(), observed.tolist(), rows[filled].tolist(), strict=True):
                axes.annotate(f"{n:,}", (x, y), textcoords="offset points", xytext=(4, -9), fontsize=6, color=colour)
        axes.set(xlabel="predicted probability (numbers: rows)", ylabel="share that failed within the horizon")
        axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.05))
        axes.legend(fontsize=8, loc="upper left")

    return _picture(draw)


def lead_times(trial: Comparison) -> str:
    """How long before each failure the champion's alarm was raised; missed failures are on the left, hatched."""
    first = next(iter(trial.parts.values()))
    qualities = [part.alarms(STRICT) for part in first]
    hours = np.array([lead for one in qualities for lead in one.lead_hours])
    missed = sum(one.events - one.caught for one in qualities)
    longest = first[0].test.horizon_ms / 3.6e6

    def draw(axes: Axes) -> None:
        axes.hist(hours, bins=np.linspace(0, longest, 13).tolist(), color=COLOURS[0], edgecolor="white")
        axes.bar(-longest / 24, missed, width=longest / 16, color="white", edgecolor="#b00020", hatch="///")
        axes.set(xlabel=f"hours from alarm to failure (hatched: {missed} missed)", ylabel="failures")
        axes.set(xlim=(-longest / 12, longest * 1.02))
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))

    return _picture(draw)


def run_up(trial: Comparison) -> tuple[str, str]:
    """One machine's probability before a failure with a typical lead time; returns the machine too."""
    part, event, lead = _example(next(iter(trial.parts.values())))
    device, failed, _ = part.test.events[event].tolist()
    shown = 3 * part.test.horizon_ms
    rows = (part.test.device == device) & (part.test.at_ms <= failed) & (part.test.at_ms > failed - shown)
    hours = (part.test.at_ms[rows] - failed) / 3.6e6

    def draw(axes: Axes) -> None:
        axes.axvspan(-part.test.horizon_ms / 3.6e6, 0, color="#fdecc8", label="horizon")
        axes.plot(hours, part.probability[rows], color=COLOURS[0], label="probability of failure")
        axes.axhline(part.thresholds[STRICT], color="#b00020", linewidth=1, linestyle="--", label="alarm threshold")
        if lead is not None:
            axes.axvline(-lead, color="#b00020", linewidth=1, label=f"alarm, {lead:.1f} h before")
        axes.set(xlabel="hours before the failure", ylim=(-0.02, 1.05), xlim=(-shown / 3.6e6, 1))
        axes.legend(fontsize=8, loc="upper left")

    return _picture(draw), part.test.devices[device]


def delays(result: DetectorResult) -> str:
    """The delay until each run's range was detected."""
    runs = [run for run in result.runs if run.detected.stretches]
    seconds = [run.detected.delay_seconds_median for run in runs]

    def draw(axes: Axes) -> None:
        places = np.arange(len(runs))
        axes.barh(places, np.nan_to_num(seconds), color=COLOURS[0])
        for place, delay in zip(places.tolist(), seconds, strict=True):
            axes.annotate("missed" if np.isnan(delay) else f"{delay:.0f} s", (np.nan_to_num(delay), place), fontsize=7)
        axes.set_yticks(places, [run.device_id for run in runs], fontsize=7)
        axes.invert_yaxis()
        axes.set(xlabel="seconds from the start of the fault to the alarm")

    return _picture(draw)


def example_run(judged: DetectionScores) -> tuple[str, str]:
    """One run's score, labelled range and alarms; returns the run, which has a typical F1."""
    table = judged.table
    device = _usual_run(table, judged)
    rows = np.flatnonzero(table.device == device)
    rows = rows[np.argsort(table.at_ms[rows])]
    minutes = (table.at_ms[rows] - table.at_ms[rows].min()) / 60_000

    def draw(axes: Axes) -> None:
        abnormal = table.label[rows] == 1
        axes.fill_between(
            minutes, 0, 1.05, where=abnormal.tolist(), color="#fdecc8", step="mid", label="labelled abnormal"
        )
        axes.plot(minutes, judged.score[rows], color=COLOURS[0], linewidth=1, label="score")
        axes.fill_between(
            minutes, -0.06, -0.02, where=judged.alarmed[rows].tolist(), color="#b00020", step="mid", label="alarm"
        )
        axes.set(xlabel="minutes from the start of the run", ylim=(-0.08, 1.05))
        axes.legend(fontsize=8, loc="upper left")

    return _picture(draw), table.devices[device]


def _example(parts: tuple[FoldPredictions, ...]) -> tuple[FoldPredictions, int, float | None]:
    """A failure that was caught with the median lead time, or any failure if none was caught."""
    caught: list[tuple[float, FoldPredictions, int]] = []
    for part in parts:
        for event in np.unique(part.test.event[part.test.event >= 0]).tolist():
            rows = (part.test.device == part.test.events[event, 0]) & np.isin(part.test.event, (-1, event))
            lead = (
                FoldPredictions(part.test.where(rows), part.probability[rows], part.thresholds)
                .alarms(STRICT)
                .lead_hours
            )
            if lead:
                caught.append((lead[0], part, event))
    if caught:
        lead_hours, part, event = sorted(caught, key=lambda one: one[0])[len(caught) // 2]
        return part, event, lead_hours
    part = next(part for part in parts if (part.test.event >= 0).any())
    return part, int(part.test.event.max()), None


def _usual_run(table: Table, judged: DetectionScores) -> int:
    """The run with the median share of correct rows, among those with a range."""
    right = judged.alarmed == (table.label == 1)
    runs = np.unique(table.device[table.label == 1]).tolist()
    share = [float(right[table.device == run].mean()) for run in runs]
    return int(runs[int(np.argsort(share)[len(share) // 2])])


def _picture(draw: Callable[[Axes], None]) -> str:
    with mpl.rc_context({"svg.hashsalt": "energytrack", "svg.fonttype": "none", "font.size": 9}):
        figure = Figure(figsize=SIZE, layout="constrained")
        axes = figure.add_subplot()
        axes.spines[["top", "right"]].set_visible(False)
        draw(axes)
        stream = BytesIO()
        figure.savefig(stream, format="svg", metadata={"Date": None})
    return f"data:image/svg+xml;base64,{b64encode(stream.getvalue()).decode()}"
