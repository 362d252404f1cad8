"""An evaluation's tables in a terminal."""

from rich.console import Console
from rich.table import Table as Printed

from ml.evaluation.results import DetectionReport, FailureReport


def print_failures(report: FailureReport, console: Console) -> None:
    """One table for each split."""
    for section in report.sections:
        console.rule(section.split)
        console.print(section.how)
        if section.problem:
            console.print(f"not measured: {section.problem}")
            continue
        table = Printed()
        for heading in ("", "PR-AUC", "chance", "ROC-AUC", "caught at .5", "caught at 1", "false /month", "precision",
                        "lead h", "p10", "calibr. error"):  # fmt: skip
            table.add_column(heading, justify="right" if heading else "left", no_wrap=not heading)
        for row in section.verdicts:
            p, half, one = row.probabilities, *row.alarms
            table.add_row(row.name, f"{p.pr_auc:.3f}", f"{p.prevalence:.3f}", f"{p.roc_auc:.3f}",
                          f"{half.caught} of {half.events}", f"{one.caught} of {one.events}",
                          f"{one.false_alarms_per_machine_month:.2f}", f"{one.alarm_precision:.2f}",
                          f"{one.lead_hours_median:.1f}", f"{one.lead_hours_p10:.1f}",
                          f"{p.calibration_error:.4f}")  # fmt: skip
        console.print(table)
        if section.gate:
            console.print(f"gate: {section.gate}")


def print_detection(report: DetectionReport, console: Console) -> None:
    """One table, then a line for each run."""
    console.print(report.how)
    table = Printed()
    for heading in ("", "F1", "precision", "recall", "false-alarm rate", "noticed", "delay s", "longest", "ROC-AUC"):
        table.add_column(heading, justify="right" if heading else "left", no_wrap=not heading)
    three = [("three signals", report.three_signals)] if report.three_signals else []
    for name, row in [*((found.name, found) for found in report.contenders), *three]:
        d = row.detected
        table.add_row(name, f"{d.f1:.3f}", f"{d.precision:.3f}", f"{d.recall:.3f}", f"{d.false_alarm_rate:.3f}",
                      f"{d.noticed} of {d.stretches}", f"{d.delay_seconds_median:.0f}", f"{d.delay_seconds_max:.0f}",
                      f"{row.roc_auc:.3f}")  # fmt: skip
    console.print(table)
    for run_ in report.contenders[0].runs:
        d = run_.detected
        delay = "missed" if d.stretches and not d.noticed else f"noticed after {d.delay_seconds_median:.0f} s"
        told = f"F1 {d.f1:.2f}, {delay}" if d.stretches else "fault-free"
        console.print(
            f"  {run_.device_id}: {told}, {d.false_alarm_rate:.1%} of its sound time in alarm", highlight=False
        )
    if report.three_signals_in_words:
        console.print(report.three_signals_in_words)
