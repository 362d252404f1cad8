"""Runs joblib's jobs on this computer, or on an existing Dask cluster."""

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
    """Run joblib's jobs in this context as the settings say; raises ClusterUnavailable.

    The workers of a cluster unpickle functions and rows, so they need the same versions of this project's libraries.
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
