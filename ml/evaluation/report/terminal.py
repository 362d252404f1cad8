"""An evaluation's tables in a terminal."""

from rich.console import Console
from rich.table import Table as Printed

from ml.evaluation.report.words import stated_in_words
from ml.evaluation.results import DetectionReport, FailureReport
from ml.measures.text import number, percent


def print_failures(report: FailureReport, console: Console) -> None:
    """One table for each split."""
    for section in report.sections:
        console.rule(section.split)
        console.print(section.how)
        if section.problem:
            console.print(f"not measured: {section.problem}")
            continue
        table = Printed()
        for heading in ("", "PR-AUC", "chance", "ROC-AUC", "caught at 0.5", "caught at 1", "false /month", "precision",
                        "warning h", "p10", "calibration"):  # fmt: skip
            table.add_column(heading, justify="right" if heading else "left", no_wrap=not heading)
        for row in section.verdicts:
            p, half, one = row.probabilities, *row.alarms
            table.add_row(row.name, number(p.pr_auc), number(p.prevalence), number(p.roc_auc),
                          f"{half.caught} of {half.events}", f"{one.caught} of {one.events}",
                          number(one.false_alarms_per_machine_month, 2), percent(one.alarm_precision),
                          number(one.lead_hours_median, 1), number(one.lead_hours_p10, 1),
                          number(p.calibration_error))  # fmt: skip
        console.print(table)
        for row in (one for one in section.verdicts if one.model):
            for sentence in stated_in_words(row.life, row.modes, row.components):
                console.print(f"{row.name}: {sentence}", highlight=False)
        if section.gate:
            console.print(f"gate: {section.gate}")


def print_detection(report: DetectionReport, console: Console) -> None:
    """One table, then a line for each run."""
    console.print(report.how)
    table = Printed()
    for heading in ("", "F1", "precision", "recall", "false-alarm rate", "noticed", "delay s", "longest", "ROC-AUC"):
        table.add_column(heading, justify="right" if heading else "left", no_wrap=not heading)
    three = [("three signals", report.three_signals)] if report.three_signals else []
    for name, row in [*((contender.name, contender) for contender in report.contenders), *three]:
        d = row.detected
        table.add_row(name, number(d.f1), percent(d.precision), percent(d.recall), percent(d.false_alarm_rate),
                      f"{d.noticed} of {d.stretches}", number(d.delay_seconds_median, 0),
                      number(d.delay_seconds_max, 0), number(row.roc_auc))  # fmt: skip
    console.print(table)
    for run in report.contenders[0].runs:
        d = run.detected
        delay = "missed" if d.stretches and not d.noticed else f"detected after {number(d.delay_seconds_median, 0)} s"
        outcome = f"F1 {number(d.f1, 2)}, {delay}" if d.stretches else "no fault"
        console.print(f"  {run.device_id}: {outcome}, {_in_alarm(d.false_alarm_rate)}", highlight=False)
    if report.three_signals_in_words:
        console.print(report.three_signals_in_words)


def _in_alarm(share: float) -> str:
    return f"in alarm for {percent(share)} of its normal time"
