"""The quality of remaining lives and failure modes in sentences."""

from ml.measures.failure_modes import ModeQuality
from ml.measures.remaining_life import LifeError, LifeQuality
from ml.measures.text import number, percent


def life_in_words(life: LifeQuality | None) -> list[str]:
    """How often intervals of 80 % were right; a sentence that it is unknown, if there are too few data."""
    if life is None:
        return ["Remaining life is not predicted: too few failures are on record."]
    sentences = []
    if life.closed:
        sentences.append(
            f"Of {life.closed:,} intervals of remaining life for 80 %, {percent(life.closed_coverage)} came true "
            f"(before {life.failures} failures; median width {number(life.width_hours, 1)} h)."
        )
    if life.open:
        sentences.append(
            f"Of {life.open:,} beginnings of such intervals without an end, {percent(life.open_coverage)} did."
        )
    if life.beyond:
        sentences.append(
            f"Of {life.beyond:,} statements that a machine has longer than the {life.reach_hours:g} h that the record "
            f"reaches, {percent(life.beyond_coverage)} did."
        )
    if life.error:
        sentences.append(_error_in_words(life.error))
    return sentences


def _error_in_words(error: LifeError) -> str:
    last = f", {number(error.last_hours, 1)} h at the last row of each of {error.last_rows} machines"
    return (
        f"The predicted remaining life of {error.rows:,} rows is off by {number(error.hours, 1)} h"
        f"{last if error.last_rows else ''} (root mean square; lives cut off at {error.cut_hours:g} h)."
    )


def stated_in_words(life: LifeQuality | None, modes: ModeQuality | None, components: ModeQuality | None) -> list[str]:
    """All of these sentences."""
    return [*life_in_words(life), *modes_in_words(modes), *modes_in_words(components, "component")]


def modes_in_words(modes: ModeQuality | None, what: str = "mode") -> list[str]:
    """How often the likeliest modes, or components, were right, in sentences."""
    if modes is None:
        return []
    named = (
        f"Of {modes.failures} failures with an alarm, the likeliest of {modes.modes} {what}s was right for "
        f"{modes.top_1}, one of the three likeliest for {modes.top_3}; the {what} that is the most frequent on record, "
        f"for {modes.commonest}."
    )
    return [named]
