"""Why energy is not simply measured: each reason with its explanation and its remedy."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal, get_args

from msgspec import Struct

Reason = Literal[
    "gap",
    "no_register",
    "register_missing",
    "stands_still",
    "unreadable",
    "looks_like_wh",
    "above_limit",
    "runs_backwards",
    "exchanged_lower",
    "exchanged_higher",
    "reset",
    "rollover",
    "former_returned",
    "leap",
    "blink",
    "dip",
    "spike",
    "words_swapped",
    "negative_current",
]
REASONS: Final[tuple[Reason, ...]] = get_args(Reason)


class Explanation(Struct, frozen=True):
    """A reason in words, with what to do."""

    words: str
    mend: str


EXPLANATIONS: Final[Mapping[Reason, Explanation]] = MappingProxyType(
    {
        "gap": Explanation(
            "No readings came for a while; the register shows what was used meanwhile.",
            "Check the gateway's connection if this happens often.",
        ),
        "no_register": Explanation(
            "The machine sends no register; its energy is estimated from current and the ratings of its type.",
            "Connect the meter's register as energy_kwh.",
        ),
        "register_missing": Explanation(
            "The register has been missing for hours; energy is estimated from current meanwhile.",
            "Check the connection between meter and gateway.",
        ),
        "stands_still": Explanation(
            "The register stands still while current flows; energy is estimated from current meanwhile.",
            "Check that the meter is wired to this machine and that the gateway reads it each time.",
        ),
        "unreadable": Explanation(
            "The register makes no sense; energy is estimated from current meanwhile.",
            "Compare the meter's display with the value sent; check address and data type in the gateway.",
        ),
        "looks_like_wh": Explanation(
            "The register rises about 1000 times as fast as the current explains: it looks like Wh sent as kWh.",
            "Divide the value by 1000 in the gateway.",
        ),
        "above_limit": Explanation(
            "The register keeps rising faster than the machine can use energy.",
            "Check the unit and the transformer ratio in the gateway, and the type's ratings in plant.toml.",
        ),
        "runs_backwards": Explanation(
            "The register runs backwards.", "Check the direction of the current transformers; swap S1 and S2."
        ),
        "exchanged_lower": Explanation(
            "The register continued from a much lower value: the meter was exchanged.",
            "Confirm the exchange; enter the last register of the old meter if it is known.",
        ),
        "exchanged_higher": Explanation(
            "The register continued from a much higher value: the meter was exchanged, or a long time was lost.",
            "Decide whether the difference was used; if not, discard it.",
        ),
        "reset": Explanation(
            "The register started again near zero: the meter was reset.", "Confirm the reset; nothing was lost."
        ),
        "rollover": Explanation(
            "The register has rolled over and started again at zero.",
            "Nothing to do: the rollover was counted.",
        ),
        "former_returned": Explanation(
            "The register went back to the value of the meter that was trusted before.",
            "Check whether two meters or two gateways send as the same machine.",
        ),
        "leap": Explanation(
            "The register jumped by more than the machine can have used, and continued from there.",
            "Decide whether the energy was used; the gateway may have held readings back.",
        ),
        "blink": Explanation(
            "The register was zero for a moment and then right again.",
            "Check the gateway: it sends zero where it cannot read the meter.",
        ),
        "dip": Explanation(
            "The register fell for a moment and then continued as before.",
            "Check whether two gateways send the same machine.",
        ),
        "spike": Explanation(
            "The register was far too high for a moment and then right again.",
            "Check the connection between meter and gateway.",
        ),
        "words_swapped": Explanation(
            "The register was sent with its 16-bit words swapped.", "Set the word order of the register in the gateway."
        ),
        "negative_current": Explanation(
            "The current is negative: the machine feeds energy back, or its transformer is reversed.",
            "Check the direction of the current transformers. Nothing is counted from it.",
        ),
    }
)
