"""In which order files of tests run: those that take long begin first, so that none of them runs alone at the end.

Everything else keeps the order of pytest-randomly. Most of the time of a long file is waiting, beside which others run.
"""

from collections.abc import Iterable
from typing import Final, Protocol, TypeVar


class HasNodeId(Protocol):
    """What is asked of a test: `tests/unit/test_x.py::test_y`."""

    @property
    def nodeid(self) -> str: ...


Test = TypeVar("Test", bound=HasNodeId)

LONGEST_FIRST: Final = (
    # `make test-compose`, in this order: the first counts machines, the others bring some and start servers again.
    "tests/compose/test_trial.py",
    "tests/compose/test_trial_backup.py",
    "tests/compose/test_trial_gateways.py",
    "tests/compose/test_trial_several_plants.py",
    "tests/integration/dashboards/test_answers.py",
    "tests/gateways/test_silence.py",
    "tests/contract/bus/test_outage.py",
    "tests/browser/test_operators_page.py",
    "tests/integration/control_api/serving/test_worker.py",
    "tests/integration/bus/test_faults.py",
    "tests/integration/control_api/alarms/test_kills.py",
    "tests/integration/local/test_backup.py",
    "tests/integration/local/test_stack.py",
    "tests/integration/test_outages.py",
    "tests/unit/ml/evaluation/test_prediction_report.py",
    "tests/integration/ml/test_ml_consumer.py",
    "tests/integration/local/test_full_disk.py",
    "tests/integration/test_faults.py",
    "tests/integration/test_day_in_the_life.py",
    "tests/integration/historian/test_main.py",
    "tests/contract/bus/test_batches.py",
    "tests/browser/test_reading_the_page.py",
    "tests/browser/test_languages_page.py",
    "tests/integration/bus/test_access.py",
    "tests/integration/exporters/test_main.py",
    "tests/unit/prometheus/test_rules.py",
    "tests/integration/ml/retraining/test_registry.py",
    "tests/integration/control_api/test_fuzz.py",
    "tests/integration/control_api/test_main.py",
    "tests/integration/centre/test_mirror.py",
    "tests/unit/ml/test_evaluate.py",
    "tests/integration/control_api/bulk/test_service.py",
    "tests/integration/bus/test_newest.py",
    "tests/unit/ml/evaluation/report/test_page.py",
    "tests/integration/test_alerts.py",
    "tests/integration/simulator/test_main.py",
    "tests/browser/test_session.py",
    "tests/unit/tools/alerts/test_grafana_decides.py",
    "tests/integration/energytrack/backup/test_making.py",
)
"""Files of forty seconds or more (`make test PYTEST=--durations=100` says which).

Those that start a whole stack lie apart; `test_stack` has the model of `test_answers` if it starts after it."""


def longest_first(items: Iterable[Test]) -> list[Test]:
    """The tests of the long files in this order, then all others in the order that they had."""
    place = {file: number for number, file in enumerate(LONGEST_FIRST)}
    return sorted(items, key=lambda item: place.get(item.nodeid.partition("::")[0], len(place)))
