"""Which version of a baseline counts for a measure."""

from datetime import timedelta

from energytrack.baselines.comparison import version_for
from testkit.builders.baselines import a_baseline
from testkit.dates import DAY

ONE = timedelta(days=1)


def test_a_measure_is_proved_by_days_from_before_it() -> None:
    """A newer version that covers its beginning does not count."""
    old, new = a_baseline(), a_baseline(version=2, last=DAY + 20 * ONE)
    assert version_for([new, old], DAY) == old
    assert version_for([new, old], DAY + 30 * ONE) == new
    assert version_for([new], DAY) is None
