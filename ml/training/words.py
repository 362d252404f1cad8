"""What training measured, in the words of people who will live with the model's alarms."""

from collections.abc import Sequence
from itertools import groupby
from math import isfinite

from ml.measures.quality import AlarmQuality
from ml.measures.text import number
from ml.training.learning import SplitQuality


def in_words(report: Sequence[SplitQuality]) -> list[str]:
    """A sentence for days, and one for machines, that the model never saw; the model's row is the first of a split."""
    models = [next(rows).alarms for _, rows in groupby(report, lambda row: row.split)]
    days, machines = models[:1], models[1:]
    sentences = [f"On days that it never saw, the model {_announced(days)}."] if days else []
    return [*sentences, *([f"On machines that it never saw, it {_announced(machines)}."] if machines else [])]


def _announced(alarms: Sequence[AlarmQuality]) -> str:
    events, caught = (sum(getattr(each, name) for each in alarms) for name in ("events", "caught"))
    months = sum(each.machine_months for each in alarms)
    hours = sorted(hour for each in alarms for hour in each.lead_hours)
    if events == 0:
        said = "had no failure to announce"
    else:
        ahead = f", typically {number(hours[len(hours) // 2], 0)} h ahead" if hours else ""
        said = f"announced {caught} of {events} failures{ahead}"
    false = sum(each.false_alarms for each in alarms) / months if months else float("nan")
    return f"{said}, with {number(false, 1)} false alarms per machine and month" if isfinite(false) else said
