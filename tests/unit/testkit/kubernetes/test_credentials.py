"""Certificates of a cluster, made by openssl: signed by its authority, for the addresses that are asked."""

import subprocess
from pathlib import Path

import yaml

from testkit.kubernetes.credentials import make_credentials
from testkit.kubernetes.network import API, FIRST_SERVICE


def test_they_are_signed_by_the_authority_for_where_the_server_is_reached(tmp_path: Path) -> None:
    made = make_credentials(tmp_path / "credentials")
    for name in ("server", "admin"):
        certificate, key = made.certificate(name)
        assert key.exists()
        subprocess.run(("openssl", "verify", "-CAfile", made.authority, certificate), check=True, capture_output=True)
    said = subprocess.run(
        ("openssl", "x509", "-in", made.certificate("server")[0], "-noout", "-text"),
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    for reached in (f"IP Address:{API}", f"IP Address:{FIRST_SERVICE}", "DNS:kubernetes.default.svc"):
        assert reached in said
    (cluster,) = yaml.load(made.kubeconfig.read_text(encoding="utf-8"), yaml.CSafeLoader)["clusters"]
    assert cluster["cluster"]["certificate-authority"] == str(made.authority)


def test_nobody_else_reads_their_keys(tmp_path: Path) -> None:
    assert make_credentials(tmp_path / "credentials").folder.stat().st_mode & 0o077 == 0
