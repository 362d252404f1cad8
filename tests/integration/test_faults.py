"""A campaign of faults in short: whatever is killed is back by itself, and no fact is lost or counted twice."""

from pathlib import Path
from typing import Final

import pytest

from bench.faults.campaign import CampaignPlan, a_plant, play
from bench.faults.victims import LIMIT_SECONDS
from testkit.patience import seconds_here

pytestmark = [
    pytest.mark.slow,
    pytest.mark.usefixtures("kafka_sockets_collected"),
    pytest.mark.filterwarnings("ignore:unclosed <socket.socket:ResourceWarning"),
]
PLAN: Final = CampaignPlan(kills=20, seconds=30.0, devices=10, seed=3)


@pytest.mark.timeout(480)
def test_nothing_is_lost_or_counted_twice_whatever_is_killed(tmp_path: Path) -> None:
    """kill -9 of any process, a frozen broker and database, slow consumers; `./et bench.faults` plays longer ones."""
    said: list[str] = []
    with a_plant(tmp_path, PLAN.devices) as stack:
        result = play(stack, PLAN, note=said.append)
    assert result.counts.wrong == {}, said
    assert result.never_back == (), said
    slow = {name: seconds for name, seconds in result.back_after.items() if seconds > seconds_here(LIMIT_SECONDS)}
    assert slow == {}, said
    assert result.counts.readings > 0
    assert result.counts.orders > 0
