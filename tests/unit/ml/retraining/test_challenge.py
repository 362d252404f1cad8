"""Challengers on a plant's own past: what is compared, on which rows, and when nothing is read at all."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

import numpy as np
import pytest
from msgspec.structs import replace as changed

from energytrack.contract.costs import AlarmCosts
from energytrack.store.telemetry.readings import Means
from ml.datasets.table import Table
from ml.models.artifact import check, seal
from ml.models.card import Champion, encode_card
from ml.retraining.challenge import ChallengeResult, challenge, contender
from ml.retraining.gate import GateTerms
from testkit.builders.recordings import START
from testkit.builders.retraining import END, PAST, SMALL, a_history


@pytest.fixture(scope="module")
def first() -> ChallengeResult:
    """The first model of a plant."""
    return challenge(a_history(), None, SMALL, now=END)


@pytest.fixture(scope="module")
def champion(first: ChallengeResult) -> Champion:
    assert first.trained is not None
    assert first.card is not None
    card, artifact = seal(first.trained.model, first.card, None)
    return check(encode_card(card), artifact, None, name="champion")


def test_where_too_little_has_failed_nothing_is_read() -> None:
    """Ninety days of readings are not worth reading for a gate that cannot open."""

    def read(device_ids: Iterable[str], since: datetime, until: datetime) -> Iterator[Means]:
        raise AssertionError("read")

    early = tuple(event for event in PAST.events if event.timestamp < START + timedelta(hours=300))
    found = challenge(a_history(events=early, read=read), None, SMALL, now=END)
    assert [reason.why for reason in found.decision.reasons] == ["too_few_events"]
    assert found.decision.promoted is None


@pytest.mark.slow
def test_every_kind_of_model_competes_and_the_best_is_let_in(first: ChallengeResult) -> None:
    """Under the same gate, on the same failures."""
    decision = first.decision
    assert [challenger.name for challenger in decision.challengers] == ["random forest", "gradient boosting"]
    assert len({challenger.alarms.events for challenger in decision.challengers}) == 1
    assert decision.promoted in {"random forest", "gradient boosting"}
    assert first.card is not None
    assert first.card.kind.replace("_", " ") == decision.promoted


@pytest.mark.slow
def test_the_champion_is_asked_about_the_same_rows(champion: Champion) -> None:
    """So the same model again is no better than itself."""
    stranger = Champion(
        changed(champion.card, trained_on=changed(champion.card.trained_on, name="another plant")), champion.model
    )
    found = challenge(a_history(), stranger, SMALL, now=END)
    assert found.decision.champion is not None
    twin = next(c for c in found.decision.challengers if c.name == champion.card.kind.replace("_", " "))
    assert found.decision.champion.alarms == twin.alarms
    assert found.decision.promoted is None
    assert {reason.why for reason in found.decision.reasons} <= {"no_better", "fewer_caught", "later"}


@pytest.mark.slow
def test_what_the_champion_was_made_of_is_left_out_of_the_comparison(champion: Champion) -> None:
    """It would look better than it is on rows that it knows."""
    knows = Champion(changed(champion.card, seen_until=END - timedelta(hours=30)), champion.model)
    found = challenge(a_history(), knows, SMALL, now=END)
    assert found.decision.events < SMALL.terms.least_events
    assert {reason.why for reason in found.decision.reasons} == {"too_few_events"}
    far_ahead = GateTerms(false_alarms=4.0, least_events=1)
    assert far_ahead.least_events <= found.decision.events


@pytest.mark.slow
def test_a_cost_that_leaves_a_failure_out_decides_nothing(table: Table) -> None:
    """Else a model could miss the failures of machines without costs, and be the cheaper one for it."""
    silent = np.zeros(len(table))
    failed = table.devices[int(table.events[0, 0])]
    costs = [
        contender("new", table, silent, 0.5, prices=prices).cost_per_month
        for prices in (
            lambda *_: AlarmCosts(10.0, 1000.0),
            lambda device, _: None if device == failed else AlarmCosts(10.0, 1000.0),
            None,
        )
    ]
    assert costs[0] is not None
    assert costs[1:] == [None, None]
