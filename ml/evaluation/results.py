"""What an evaluation leaves behind, as it is written to JSON and shown on its page."""

from datetime import datetime

from msgspec import Struct

from ml.evaluation.detection import DetectorResult
from ml.evaluation.prediction import SplitSection


class About(Struct, frozen=True):
    """What was evaluated, when, and with what."""

    recording: str
    trained_on: tuple[str, ...]
    """Further recordings to learn from; empty where it learned from its own past and its other machines."""
    evaluated_at: datetime
    machines: int
    readings: int
    interval_seconds: float
    signals: tuple[str, ...]
    seed: int
    libraries: dict[str, str]


class FailureReport(Struct, frozen=True, tag="failures"):
    """How well failures are foreseen."""

    about: About
    horizon_hours: float
    failures: int
    """Those that the table's rows look ahead to."""
    sections: tuple[SplitSection, ...]


class DetectionReport(Struct, frozen=True, tag="detection"):
    """How well abnormal stretches are recognised while they last."""

    about: About
    how: str
    stretches: int
    chance_f1: float
    """F1 of an alarm that never stops."""
    contenders: tuple[DetectorResult, ...]
    three_signals: DetectorResult | None
    """With temperature, pressure and current alone, where there are further signals."""
    three_signals_in_words: str
