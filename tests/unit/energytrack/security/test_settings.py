"""What a gateway may send, unless the settings say otherwise; the rest: tests/integration/bus/test_quotas.py."""

from energytrack.security.settings import QuotaSettings


def test_a_plant_of_any_size_may_send_ten_times_what_its_machines_do() -> None:
    assert QuotaSettings().quota(3_000).bytes_per_second == 3_000 * 10 * 400
    assert QuotaSettings().quota(5).bytes_per_second == 2_000_000
    assert QuotaSettings(bytes_per_second=5_000).quota(3_000).bytes_per_second == 5_000


def test_a_centre_does_not_know_how_large_its_plants_are() -> None:
    assert QuotaSettings().quota().bytes_per_second == 10_000 * 10 * 400
