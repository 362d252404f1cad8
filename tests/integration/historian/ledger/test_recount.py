"""Counting a machine again, in a real database."""

from energytrack.clock import ManualClock
from energytrack.store import Store
from historian.ledger.files import LedgerFiles
from historian.ledger.recount import Recount
from testkit import dates
from tests.integration.historian.filings import PLANT
from tests.integration.historian.ledger.test_files import START


def test_a_machine_that_nobody_counted_cannot_be_counted_again(store: Store) -> None:
    files = LedgerFiles(store, PLANT, clock=ManualClock(START), persist=lambda action: action())
    assert not Recount("cnc-0007", dates.MONDAY, store=store, plant=PLANT, files=files).is_possible
