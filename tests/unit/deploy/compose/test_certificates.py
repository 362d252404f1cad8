"""The certificates of the listener for gateways."""

from datetime import timedelta

from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store

from deploy.compose.certificates import BROKER_DAYS, is_fit, make_authority, make_broker
from testkit.dates import NOW

NAMES = ("energy.plant.example", "kafka", "127.0.0.1")


def test_a_gateway_that_trusts_the_authority_trusts_the_broker_by_its_names() -> None:
    authority = make_authority(NOW)
    broker = make_broker(authority, NAMES, NOW)
    trusted = Store([x509.load_pem_x509_certificate(authority.certificate.encode())])
    for name in ("energy.plant.example", "kafka"):
        verifier = PolicyBuilder().store(trusted).time(NOW).build_server_verifier(x509.DNSName(name))
        verifier.verify(x509.load_pem_x509_certificate(broker.certificate.encode()), [])


def test_a_certificate_is_fit_for_exactly_its_names_its_authority_and_its_time() -> None:
    authority = make_authority(NOW)
    broker = make_broker(authority, NAMES, NOW).certificate
    assert is_fit(broker, authority, NAMES, NOW)
    assert not is_fit(broker, authority, NAMES[:2], NOW)
    assert not is_fit(broker, make_authority(NOW), NAMES, NOW)
    assert not is_fit(broker, authority, NAMES, NOW + timedelta(days=BROKER_DAYS - 30))
