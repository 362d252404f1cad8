"""The results of an evaluation, as written to JSON and shown on its page."""

from datetime import datetime

from msgspec import Struct

from ml.evaluation.detection import DetectorResult
from ml.evaluation.prediction import SplitSection


class EvaluationContext(Struct, frozen=True):
    """What was evaluated, when, and with what."""

    recording: str
    trained_on: tuple[str, ...]
    """Further recordings used for training; empty if only the recording itself was used."""
    evaluated_at: datetime
    machines: int
    readings: int
    interval_seconds: float
    signals: tuple[str, ...]
    seed: int
    libraries: dict[str, str]


class FailureReport(Struct, frozen=True, tag="failures"):
    """How well failures are predicted."""

    about: EvaluationContext
    horizon_hours: float
    failures: int
    """Those within reach of the table's rows."""
    sections: tuple[SplitSection, ...]


class DetectionReport(Struct, frozen=True, tag="detection"):
    """How well abnormal ranges are recognised while they last."""

    about: EvaluationContext
    how: str
    stretches: int
    chance_f1: float
    """F1 of a permanent alarm."""
    contenders: tuple[DetectorResult, ...]
    three_signals: DetectorResult | None
    """With temperature, pressure and current only, if there are further signals."""
    three_signals_in_words: str
