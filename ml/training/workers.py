"""Where joblib's jobs run: on this computer, or on an existing cluster."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

import joblib
import structlog

from energytrack.errors import EnergyTrackError
from ml.settings import JoblibSettings

log = structlog.get_logger(__name__)

PATIENCE_SECONDS = 30


class ClusterUnavailable(EnergyTrackError):
    """The training cluster cannot be used; the message says why."""


@contextmanager
def workers(settings: JoblibSettings) -> Iterator[None]:
    """Inside, joblib's jobs run where the settings say; raises ClusterUnavailable.

    A cluster unpickles functions and rows, so its workers need this project's libraries at the same versions.
    """
    if not settings.backend:
        yield
        return
    try:
        distributed = import_module("distributed")
    except ImportError as error:
        raise ClusterUnavailable("training on Dask needs the extra: pip install 'energytrack[cluster]'") from error
    try:
        client = distributed.Client(settings.address, timeout=PATIENCE_SECONDS, set_as_default=True)
    except (OSError, ValueError) as error:
        raise ClusterUnavailable(f"no Dask scheduler answers at {settings.address}: {error}") from error
    with client, joblib.parallel_config(backend="dask"):
        log.info("training on a cluster", address=settings.address, threads=sum(client.nthreads().values()))
        yield
