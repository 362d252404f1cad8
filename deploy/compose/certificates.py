"""Certificates of Kafka's listener for gateways: an authority of this plant's own, and the broker's by it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Final, NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_YEARS: Final = 20
"""Gateways trust the authority, and are visited rarely."""
BROKER_DAYS: Final = 800
RENEWED_BEFORE: Final = timedelta(days=180)
"""The certificate is renewed at a start of the stack, so there has to be one in this time."""
CLOCKS_DIFFER: Final = timedelta(days=1)
"""Valid since yesterday: a gateway's clock may be behind."""


class KeyPair(NamedTuple):
    """A certificate and its private key, in PEM."""

    certificate: str
    key: str


def make_authority(now: datetime) -> KeyPair:
    """A new authority that signs certificates of brokers and nothing else."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("Energy Track, certificates of this plant")
    end = now + timedelta(days=365 * AUTHORITY_YEARS)
    usage = x509.KeyUsage(
        digital_signature=False, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    made = (
        _begun(name, name, key.public_key(), now, end)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return _pair(made, key)


def make_broker(authority: KeyPair, names: Iterable[str], now: datetime) -> KeyPair:
    """A broker's certificate for these names and addresses."""
    issuer = x509.load_pem_x509_certificate(authority.certificate.encode())
    issuer_key = serialization.load_pem_private_key(authority.key.encode(), password=None)
    if not isinstance(issuer_key, ec.EllipticCurvePrivateKey):
        raise TypeError("the authority's key is not on an elliptic curve, so it is not ours")
    key = ec.generate_private_key(ec.SECP256R1())
    made = (
        _begun(_name("kafka"), issuer.subject, key.public_key(), now, now + timedelta(days=BROKER_DAYS))
        .add_extension(x509.SubjectAlternativeName([_alternative(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
        .sign(issuer_key, hashes.SHA256())
    )
    return _pair(made, key)


def is_fit(certificate: str, authority: KeyPair, names: Iterable[str], now: datetime) -> bool:
    """Whether a broker's certificate is by this authority, has exactly these names, and is valid for long enough."""
    broker = x509.load_pem_x509_certificate(certificate.encode())
    issuer = x509.load_pem_x509_certificate(authority.certificate.encode())
    try:
        broker.verify_directly_issued_by(issuer)
    except (InvalidSignature, TypeError, ValueError):
        return False
    alternatives = broker.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return (
        set(alternatives) == {_alternative(name) for name in names}
        and broker.not_valid_after_utc - now > RENEWED_BEFORE
    )


def _begun(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime, end: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCKS_DIFFER)
        .not_valid_after(end)
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _pair(certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> KeyPair:
    encoded = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return KeyPair(certificate.public_bytes(serialization.Encoding.PEM).decode(), encoded.decode())
