"""A service as a child of this process."""

import dataclasses
from pathlib import Path

import pytest

from local.errors import ServiceFailed
from local.lifecycle.child import started
from local.services.mongo import mongo_service
from testkit.stack.servers import site_in


def test_a_child_that_dies_is_noticed_with_the_end_of_its_log(tmp_path: Path) -> None:
    site = site_in(tmp_path)
    dying = dataclasses.replace(mongo_service(site), command=("sh", "-c", "echo last words; exit 3"))
    with pytest.raises(ServiceFailed, match=r"mongo ended with code 3\nlast words"), started(dying, site, deadline=20):
        pass


def test_a_child_that_never_answers_is_given_up_after_the_deadline(tmp_path: Path) -> None:
    site = site_in(tmp_path)
    silent = dataclasses.replace(mongo_service(site), command=("sleep", "60"))
    with pytest.raises(ServiceFailed, match="mongo is not ready after"), started(silent, site, deadline=0.2):
        pass
