"""The live line: what flows through the plant."""

from local.terminal.live_line import QUERIES, Throughput, measure_throughput


def test_the_live_line_tells_rates_and_devices() -> None:
    assert str(Throughput(299.6, 300.2, 1234.0, 300.0)) == (
        "300 readings/s in · 300 insights/s out · 1,234 stored/s · 300 devices exported"
    )


def test_what_prometheus_does_not_know_yet_is_a_question_mark() -> None:
    answers = dict.fromkeys(QUERIES.values())
    line = str(measure_throughput(lambda expression: answers[expression]))
    assert line.startswith("? readings/s in · ? insights/s out")
