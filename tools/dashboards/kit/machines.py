"""Expressions and styles for single machines that several dashboards use."""

from typing import Final

from grafana_foundation_sdk.models.dashboard import DataTransformerConfig, ValueMapping

from energytrack.catalogue import CATALOGUE
from energytrack.stopping.words import WORDS
from tools.dashboards.kit.wording.colours import CRITICAL, MUTED, PLAIN, SILENT, STATES, WARNING, words

IDENTITY: Final = "device_id, device_type, line"
"""The labels that identify machines; tables join their queries on them."""


def state_number(machines: str) -> str:
    """One number per machine: the place of its state in `STATES`, counted from 1.

    A state set has one series per state, which a table or a timeline cannot show in one place. Silent has the largest
    number: the last reported state of a silent machine is hidden.
    """
    states = (
        f"{number} * (device:silent:max{{{machines}}} == 1)"
        if state == SILENT
        else f'{number} * (energytrack_device_state{{{machines},state="{state}"}} == 1)'
        for number, state in enumerate(STATES, start=1)
    )
    return f"max by ({IDENTITY}) ({' or '.join(states)})"


def state_words() -> list[ValueMapping]:
    """Names of the numbers of `state_number`."""
    return words(*((str(number), state, colour) for number, (state, colour) in enumerate(STATES.items(), start=1)))


def risk_level(machines: str) -> str:
    """0 below the model's threshold, 1 from there on (maintenance is notified), 2 if maintenance is paged."""
    predicted = per_machine(f"energytrack_device_failure_predicted{{{machines}}}")
    paged = per_machine(f"device:failure_risk_critical:active{{{machines}}}")
    return f"{predicted} + ({paged} or 0 * {predicted})"


def risk_words() -> list[ValueMapping]:
    """Words for the numbers of `risk_level`."""
    return words(("0", "low risk", MUTED), ("1", "at risk", WARNING), ("2", "about to fail", CRITICAL))


def per_machine(expression: str) -> str:
    """One series per machine, whichever replica exports it."""
    return f"max by ({IDENTITY}) ({expression})"


def age(timestamp: str) -> str:
    """Seconds since a timestamp."""
    return f"time() - {per_machine(timestamp)}"


def recommendation_names() -> list[DataTransformerConfig]:
    """The sentence of each recommendation, for series that are named by its code."""
    return [
        DataTransformerConfig(id_val="renameByRegex", options={"regex": f"^{each.code}$", "renamePattern": each.text})
        for each in CATALOGUE
    ]


def recommendation_words() -> list[ValueMapping]:
    """Sentences of recommendations instead of their codes."""
    return words(*((each.code, each.text, PLAIN) for each in CATALOGUE))


def stop_words() -> list[ValueMapping]:
    """Each time to stop in words."""
    return words(*((when, text[0].upper() + text[1:], PLAIN) for when, text in WORDS.items()))
