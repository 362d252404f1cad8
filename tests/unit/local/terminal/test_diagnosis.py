"""The end of a log becomes a sentence that says what to do."""

from pathlib import Path

import pytest

from local.services.mongo import mongo_service
from local.services.pipeline import pipeline_services
from local.site import Site
from local.terminal.diagnosis import explanation_of
from testkit.dates import DAY

SITE = Site(var=Path("/srv/plant/var"))
MONGO = mongo_service(SITE)


@pytest.mark.parametrize(
    ("log", "sentence"),
    [
        ("java.io.IOException: No space left on device", "The disk of /srv/plant/var is full"),
        ("OSError: [Errno 98] Address already in use", "Another process took its port during the start"),
        ("_wiredtiger.WiredTigerError: Device or resource busy", "Another process still uses /srv/plant/var/mongo"),
        ("PermissionError: [Errno 13] Permission denied: 'x'", "It cannot write to /srv/plant/var/mongo"),
        (
            "_wiredtiger.WiredTigerError: WT_TRY_SALVAGE: database corruption detected",
            "`mv /srv/plant/var/mongo /srv/plant/var/mongo.damaged`",
        ),
        ("java.lang.RuntimeException: Error: node ID not found in /x", "Its data seems damaged"),
        ("invalid settings:\n  ENERGYTRACK_KAFKA_SERVERS: …", "The lines above name each invalid variable"),
    ],
)
def test_a_known_failure_is_explained(log: str, sentence: str) -> None:
    explained = explanation_of(MONGO, f"{DAY} INFO starting\n{log}\n", SITE)
    assert explained is not None
    assert sentence in explained


def test_a_log_that_says_nothing_known_is_left_to_the_reader() -> None:
    assert explanation_of(MONGO, "Traceback: ZeroDivisionError", SITE) is None


def test_a_service_without_data_never_has_damaged_data() -> None:
    exporters = next(service for service in pipeline_services(SITE) if service.name == "exporters")
    assert explanation_of(exporters, "CorruptRecordException: the record is corrupt", SITE) is None
