"""What services wait for, from their own /healthz: works also while Prometheus does not answer."""

import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from local.services.pipeline import PIPELINE
from local.site import Site

PATIENCE_SECONDS: Final = 1.0
STARTING: Final = "starting"
NO_ANSWER: Final = "no answer on /healthz"
UNITS: Final[Mapping[str, int]] = MappingProxyType({"s": 1, "min": 60, "h": 3600})

Ask = Callable[[str], str | None]


def complaints(site: Site) -> Mapping[str, str]:
    """The sentences of services that make no progress, by service."""
    return gathered({part.name: site.url(int(getattr(site.ports, part.name)), "/healthz") for part in PIPELINE}, ask)


def gathered(addresses: Mapping[str, str], ask: Ask) -> Mapping[str, str]:
    """The answer of each address that is not healthy."""
    replies = {name: ask(address) for name, address in addresses.items()}
    return {name: sentence for name, sentence in replies.items() if sentence is not None}


def summed_up(complaints: Mapping[str, str]) -> list[str]:
    """Each cause once, with the services that wait for it: six services may wait for one broker."""
    waiting: dict[str, list[str]] = {}
    longest: dict[str, str] = {}
    for name, sentence in complaints.items():
        cause = sentence.split(" for ")[0]
        waiting.setdefault(cause, []).append(name)
        longest[cause] = max(longest.get(cause, ""), sentence, key=_seconds)
    return [f"{longest[cause]}: {', '.join(names)}" for cause, names in waiting.items()]


def ask(address: str) -> str | None:
    """The problem at an address; None if it is healthy, still starting, or if nothing listens there."""
    try:
        with urllib.request.urlopen(address, timeout=PATIENCE_SECONDS):  # noqa: S310  # one of our own
            return None
    except urllib.error.HTTPError as answer:
        with answer:
            reply = answer.read(1000).decode(errors="replace").strip()
        return None if reply == STARTING else reply
    except TimeoutError:
        return NO_ANSWER
    except OSError:
        return None  # it does not run, which is reported elsewhere


def _seconds(sentence: str) -> int:
    """The duration in a sentence, by its first number and unit."""
    number, unit, *_ = [*sentence.partition(" for ")[2].split(), "", ""]
    return int(number) * UNITS.get(unit, 0) if number.isdigit() else 0
