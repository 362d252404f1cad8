"""Grafana's alert rules as Prometheus rules that decide the same: promtool tests them without a Grafana.

What Grafana does with a rule (12.2, pkg/services/ngalert/eval): each query is evaluated separately; if any of them has
no result, the whole rule is `NoData`, whatever the condition, and with `noDataState: OK` all its alerts end. Otherwise
the condition is evaluated for each series of the query that it names, and a text finds the values of the other queries
by the series' labels.
"""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from testkit.rules.promtool import run_promtool

INTERVAL: Final = 20
"""Seconds between two evaluations, as in the provisioned groups."""
IDENTITIES: Final = ("device_id", "stage", "topic", "disk", "job")
"""The labels by which a text finds its values; a missing label is empty."""


def as_prometheus(rule: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The recording rules of a rule's queries, and the alert that uses them."""
    name = rule["uid"].replace("-", "_")
    queries = {each["refId"]: each["model"] for each in rule["data"]}
    condition = queries.pop(rule["condition"])
    (judged,) = condition["conditions"]
    if condition["type"] != "threshold" or judged["evaluator"]["type"] != "gt":
        raise ValueError(f"{rule['title']}: a condition of another kind than `above`")
    if any(model.get("range") or not model["instant"] for model in queries.values()):
        raise ValueError(f"{rule['title']}: a range has to be reduced first")
    records = {ref: f"{name}:{ref}:query" for ref in queries}
    answers = "".join(f" and on () count({record})" for record in records.values())
    decided = f"({records[condition['expression']]} > {judged['evaluator']['params'][0]}){answers}"
    if rule["noDataState"] == "Alerting":
        decided = f"{decided} or absent({records[condition['expression']]})"
    return [
        *({"record": records[ref], "expr": model["expr"]} for ref, model in queries.items()),
        {
            "alert": rule["title"],
            "expr": decided,
            "for": rule["for"],
            "labels": rule["labels"],
            "annotations": {key: _text(text, records) for key, text in rule["annotations"].items()},
        },
    ]


def _text(text: str, records: Mapping[str, str]) -> str:
    """A text whose `$values.X` is the first series of that query with this machine's (stage's, disk's) labels."""
    same = ",".join(f"{label}=%q" for label in IDENTITIES)
    labels = " ".join(f"$labels.{label}" for label in IDENTITIES)
    for ref, record in records.items():
        asked = f'printf "{record}{{{same}}}" {labels} | query | first'
        text = text.replace(f"{{{{ with $values.{ref} }}}}", f"{{{{ with {asked} }}}}")
    return text.replace("{{ externalURL }}", "/")


def evaluate(
    rules: Sequence[Mapping[str, Any]],
    series: Mapping[str, str],
    *,
    at: str,
    folder: Path,
) -> dict[str, list[dict[str, dict[str, str]]]]:
    """The alerts of each rule, by its title, at a time: their labels and texts."""
    return fired_by([each for rule in rules for each in as_prometheus(rule)], series, at=at, folder=folder)


def fired_by(
    rules: Sequence[Mapping[str, Any]],
    series: Mapping[str, str],
    *,
    at: str,
    folder: Path,
) -> dict[str, list[dict[str, dict[str, str]]]]:
    """The same for rules of Prometheus, each alert by its name."""
    file = folder / "rules.json"
    file.write_text(json.dumps({"groups": [{"name": "all", "rules": rules}]}), encoding="utf-8")
    titles = [rule["alert"] for rule in rules if "alert" in rule]
    test = {
        "rule_files": [str(file)],
        "evaluation_interval": f"{INTERVAL}s",
        "tests": [
            {
                "interval": f"{INTERVAL}s",
                "input_series": [{"series": name, "values": values} for name, values in series.items()],
                # No alert has this label: promtool prints the ones it got instead.
                "alert_rule_test": [
                    {
                        "alertname": title,
                        "eval_time": at,
                        "exp_alerts": [{"exp_labels": {"nobody": "fires this"}}],
                    }
                    for title in titles
                ],
            }
        ],
    }
    tests = folder / "test.json"
    tests.write_text(json.dumps(test), encoding="utf-8")
    _, output = run_promtool("test", "rules", tests)
    alerts = _parsed_alerts(output)
    assert alerts.keys() == set(titles), output
    return alerts


def _parsed_alerts(output: str) -> dict[str, list[dict[str, dict[str, str]]]]:
    """Parse the alerts that promtool got: a paragraph for each rule, with two lines for each alert."""
    alerts: dict[str, list[dict[str, dict[str, str]]]] = {}
    for block in output.split("alertname: ")[1:]:
        title = re.match(r"\w+", block)
        expected, _, got = block.partition("got:")
        assert title is not None, block
        assert "nobody" in expected, output
        lines = [line.strip() for line in got.splitlines()]
        labels = [_pairs(line) for line in lines if line.startswith("Labels:")]
        notes = [_pairs(line) for line in lines if line.startswith("Annotations:")]
        alerts[title[0]] = [{"labels": each, "annotations": texts} for each, texts in zip(labels, notes, strict=True)]
    return alerts


def _pairs(text: str) -> dict[str, str]:
    return {key: json.loads(value) for key, value in re.findall(r'(\w+)=("(?:[^"\\]|\\.)*")', text)}
