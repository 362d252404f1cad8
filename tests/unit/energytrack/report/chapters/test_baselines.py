import pytest

from energytrack.languages.words import words_of
from energytrack.report.chapters.baselines import sections
from testkit.builders.reports import MONTH, a_course, a_report

WORDS = words_of("en")


def test_a_baseline_has_used_over_expected_energy_and_its_cusum() -> None:
    table = sections(a_report(), WORDS)[0].table
    assert table is not None
    assert table.rows[0] == ("press-0001 out of shift", "31", "1,860", "2,232", "83.3%", "-372", "good baseline")


def test_cusum_is_drawn_from_zero_down() -> None:
    """From the first day to the last, with zero where it belongs."""
    line = sections(a_report(), WORDS)[1].line
    assert line is not None
    assert line.zero == 0.0
    assert line.points[0] == pytest.approx((0.0, 12 / 372))
    assert line.points[-1] == (1.0, 1.0)
    assert [tick.text for tick in line.down] == ["0", "-372"]
    assert (line.across[0].at, line.across[-1].at) == (0.0, 1.0)


def test_one_day_is_no_line_and_no_baseline_no_section() -> None:
    only = a_course(cusum=((MONTH.first, 5.0),))
    assert len(sections(a_report(courses=(only,)), WORDS)) == 1
    assert sections(a_report(courses=()), WORDS) == ()
