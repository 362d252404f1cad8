from datetime import UTC

from bson import decode, encode
from bson.codec_options import CodecOptions

from energytrack.ledger.day import Revision
from energytrack.ledger.documents import (
    day_key,
    from_document,
    month_key,
    sums_to_document,
    to_document,
)
from energytrack.ledger.sums import EnergySums
from testkit import dates
from testkit.builders.ledger import DAY, a_day


def test_a_day_comes_back_as_it_went_to_the_bit() -> None:
    day = a_day(
        measured_kwh={3: 0.1 + 0.2, 4: 1 / 3},
        price_per_kwh={3: 0.2},
        revision=2,
        revisions=(Revision(2, dates.NOW, "late readings", 1.0),),
        reasons={"gap": (3, 4)},
    )
    assert from_document(decode(encode(to_document(day)), CodecOptions(tz_aware=True, tzinfo=UTC))) == day


def test_unknown_prices_and_parts_come_back() -> None:
    day = a_day(price_per_kwh=None, price_version=None, parts=(None,) * 95 + (12,), scrap=(None,) * 95 + (1,))
    assert from_document(to_document(day)) == day


def test_a_plain_day_is_small() -> None:
    assert len(encode(to_document(a_day()))) < 400


def test_keys_sort_by_machine_and_day() -> None:
    assert day_key("cnc-0007", DAY) == f"cnc-0007/{DAY.isoformat()}"
    assert month_key("cnc-0007", 2026, 3) == "cnc-0007/2026-03"


def test_sums_come_back_without_their_zeros() -> None:
    sums = a_day().sums()
    assert "suspect_kwh" not in sums_to_document(sums)
    assert EnergySums(**sums_to_document(sums)) == sums
