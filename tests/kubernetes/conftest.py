"""What the tests run on, made once; where it cannot be had, they are skipped and say why."""

from pathlib import Path

import pytest

from testkit.kubernetes import definitions, programs
from testkit.kubernetes.definitions import CannotDownload
from testkit.kubernetes.programs import ServerPrograms


@pytest.fixture(scope="session")
def definitions_folder() -> Path:
    """The operators' definitions."""
    reason = definitions.why_missing()
    if reason:
        pytest.skip(reason)
    try:
        definitions.download(definitions.cached())
    except CannotDownload as unreachable:
        pytest.skip(f"the operators' definitions cannot be downloaded: {unreachable}")
    return definitions.cached()


@pytest.fixture(scope="session")
def server_programs() -> ServerPrograms:
    """An API server and its store. A mistake of the compiler is no reason to skip."""
    reason = programs.why_missing()
    if reason:
        pytest.skip(reason)
    try:
        programs.build(programs.cached())
    except CannotDownload as unreachable:
        pytest.skip(f"an API server cannot be downloaded: {unreachable}")
    return programs.cached()
