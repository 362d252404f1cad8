"""Java that starts quickly: a test's broker runs for seconds, and would spend most of them on loading classes."""

from pathlib import Path
from typing import Final

from local.lifecycle.class_archive import MAKING_SECONDS, OPTIONS, made_class_archive
from testkit.patience import seconds_here
from testkit.stack.servers import site_in

__all__ = ["OPTIONS", "quick_start"]

COMPILE_LITTLE: Final = "-XX:TieredStopAtLevel=1"
"""Only the quick compiler: the other one pays off after minutes."""


def quick_start(folder: Path) -> str:
    """The options, with the archive of a broker's classes, which is made once on this computer.

    Programs other than the broker ignore the archive. Without it, brokers start more slowly.
    """
    archive = made_class_archive(site_in(folder), print, seconds=seconds_here(MAKING_SECONDS))
    return f"{COMPILE_LITTLE} -XX:SharedArchiveFile={archive}" if archive else COMPILE_LITTLE
