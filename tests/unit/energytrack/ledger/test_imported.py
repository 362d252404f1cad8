from energytrack.ledger.correction import decided
from energytrack.ledger.documents import from_document, to_document
from energytrack.ledger.imported import FromFile, filled, with_imports
from testkit.builders.ledger import a_correction, a_day

FILE = FromFile("batch-1", (5.0,) * 95 + (None,))


def test_a_file_fills_what_is_not_measured() -> None:
    """Unknown, estimated or suspect, and a quarter hour that is measured in part, as a whole."""
    day = a_day(
        measured_kwh=dict.fromkeys(range(3, 96), 2.0) | {2: 1.0}, measured_seconds=dict.fromkeys(range(3, 96), 900.0)
        | {2: 450.0}, estimated_kwh={1: 1.5}, estimated_seconds={1: 900.0}, suspect_kwh={0: 7.0}, idle_kwh=0.0,
    )  # fmt: skip
    found = filled(with_imports(day, [FILE]))
    assert found.imported_kwh[:4] == (5.0, 5.0, 5.0, 0.0)
    assert found.sums().kwh == 15.0 + 2.0 * 93
    assert (found.sums().suspect_kwh, found.sums().estimated_kwh) == (0.0, 0.0)
    assert found.sums().idle_unknown_kwh == 15.0
    assert found.quarter(0).batch_id == "batch-1"


def test_what_is_measured_wins_and_the_file_stays_beside_it() -> None:
    day = with_imports(a_day(), [FILE])
    assert filled(day).sums() == a_day().sums()
    assert day.quarter(0).batch_id == "batch-1"
    assert from_document(to_document(day)) == day


def test_of_two_files_the_later_counts_where_it_knows_something() -> None:
    day = a_day(measured_kwh=0.0, idle_kwh=0.0, measured_seconds=0.0)
    found = filled(with_imports(day, [FILE, FromFile("batch-2", (None, 1.0))]))
    assert found.imported_kwh[:3] == (5.0, 1.0, 5.0)
    assert found.quarter(95).kwh is None
    assert with_imports(found, []).imported is None


def test_a_decision_stands_above_a_file() -> None:
    day = with_imports(a_day(measured_kwh=0.0, idle_kwh=0.0, measured_seconds=0.0), [FILE])
    found = decided(day, [a_correction(0, 2, decision="value", kwh=3.0)])
    assert (found.sums(0, 2).kwh, found.sums(0, 2).imported_kwh) == (3.0, 0.0)
    assert decided(day, [a_correction(0, 2, decision="withdraw")]).sums(0, 2).kwh == 10.0


def test_parts_of_a_file_fill_what_nobody_counted() -> None:
    """A counted zero is counted; energy stays as it was."""
    file = FromFile("batch-1", (None,) * 96, (7.0,) * 95 + (None,))
    day = with_imports(a_day(parts=(0.0, 3.0, *(None,) * 94)), [file])
    assert from_document(to_document(day)) == day
    found = filled(day)
    assert found.parts == (0.0, 3.0, *(7.0,) * 93, None)
    assert (found.sums().parts, found.sums().parts_seconds) == (3.0 + 7.0 * 93, 95 * 900.0)
    assert found.sums().kwh == a_day().sums().kwh
    assert found.quarter(2).batch_id == "batch-1"
    assert filled(with_imports(day, [])).parts == (0.0, 3.0, *(None,) * 94)


def test_of_two_files_of_parts_the_later_counts() -> None:
    files = [FromFile("batch-1", (), (7.0,) * 96), FromFile("batch-2", (), (None, 9.0))]
    found = filled(with_imports(a_day(parts=None), files))
    assert found.parts == (7.0, 9.0, *(7.0,) * 94)


def test_rejected_parts_of_a_file_go_with_its_parts() -> None:
    """Where a counter knows the parts, its own count; of two files those of the one whose parts count."""
    first = FromFile("batch-1", (None,) * 96, (7.0,) * 95 + (None,), (1.0,) * 95 + (None,))
    second = FromFile("batch-2", (None,) * 96, (None, None, 9.0, *(None,) * 93))
    day = with_imports(a_day(parts=(5.0, *(None,) * 95), scrap=(2.0, *(None,) * 95)), [first, second])
    assert from_document(to_document(day)) == day
    found = filled(day)
    assert (found.scrap or ())[:4] == (2.0, 1.0, None, 1.0)
    assert filled(found) == found
    assert found.sums().scrap == 2.0 + 93.0
    assert with_imports(day, []).imported_scrap is None
