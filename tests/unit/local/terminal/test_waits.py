"""What `make demo`'s line says of services that wait."""

from local.terminal.waits import gathered, summed_up


def test_one_cause_is_reported_once() -> None:
    """Many services wait for one broker: the longest wait is shown, and who waits."""
    said = {
        "historian": "Kafka at 127.0.0.1:9092 has not answered for 118 s (since 12:38:03 UTC)",
        "simulator": "Kafka at 127.0.0.1:9092 has not answered for 2 min (since 12:38:01 UTC)",
        "retrain": "the database at 127.0.0.1:27017 has not answered for 1 h 2 min (since 11:36:01 UTC)",
    }
    assert summed_up(said) == [
        "Kafka at 127.0.0.1:9092 has not answered for 2 min (since 12:38:01 UTC): historian, simulator",
        "the database at 127.0.0.1:27017 has not answered for 1 h 2 min (since 11:36:01 UTC): retrain",
    ]


def test_who_is_well_is_not_mentioned() -> None:
    """Nor who does not run."""
    answers = {"a": None, "b": "no answer on /healthz"}
    assert gathered({name: name for name in answers}, lambda name: answers[name]) == {"b": "no answer on /healthz"}
    assert summed_up({}) == []
