"""Explains the end of a service's log in a sentence that says what to do."""

import re
from typing import Final

from local.services.definition import ServiceDefinition
from local.site import Site

SENTENCES: Final = (
    (r"No space left on device|ENOSPC", "The disk of {var} is full: free some space and start again."),
    (
        r"Address already in use|EADDRINUSE",
        "Another process took its port during the start: run `make down`, then start again.",
    ),
    (r"UnsupportedClassVersionError", "The `java` on the PATH is older than 17: install openjdk-17-jre-headless."),
    (
        r"Failed to acquire lock|already being managed by another process|Device or resource busy|lock DB directory",
        "Another process still uses {folder}: `make down` ends the remains of an earlier run.",
    ),
    (
        r"Permission denied|Read-only file system|FileExistsError|Not a directory|File exists",
        "It cannot write to {folder}: check that it is a folder and belongs to you.",
    ),
    ("invalid settings", "The lines above name each invalid variable."),
)
"""Patterns in logs, and their explanations; the first match counts."""

DAMAGED: Final = re.compile(
    r"WT_PANIC|WT_TRY_SALVAGE|WiredTigerError|WT_ERROR"  # the database
    r"|node ID not found|Invalid cluster\.id|InconsistentClusterId|CorruptRecord"  # Kafka
    r"|opening storage failed|invalid (block|magic)"  # Prometheus
    r"|corrupt",
    re.IGNORECASE,
)
"""How servers report data that they cannot read."""


def explanation_of(service: ServiceDefinition, log_tail: str, site: Site) -> str | None:
    """The sentence, or None if the log matches no pattern."""
    folder = site.var / service.data
    for pattern, sentence in SENTENCES:
        if re.search(pattern, log_tail, re.IGNORECASE):
            return sentence.format(var=site.var, folder=folder)
    if service.data and DAMAGED.search(log_tail):
        return (
            f"Its data seems damaged: `mv {folder} {folder}.damaged` moves it aside; the next start begins without it."
        )
    return None
