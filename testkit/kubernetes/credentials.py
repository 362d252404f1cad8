"""Who may talk to the API server and to kubelets: one administrator, with a certificate."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from testkit.kubernetes.daemons import run
from testkit.kubernetes.network import API, FIRST_SERVICE


@dataclass(frozen=True)
class ClusterCredentials:
    """Files in a folder, made anew for each cluster."""

    folder: Path

    @property
    def authority(self) -> Path:
        """The certificate that signs all others."""
        return self.folder / "authority.crt"

    @property
    def kubeconfig(self) -> Path:
        """What kubectl, kubelets and controllers read."""
        return self.folder / "kubeconfig"

    @property
    def accounts_key(self) -> Path:
        """Signs the tokens of service accounts."""
        return self.folder / "accounts.key"

    def certificate(self, name: str) -> tuple[Path, Path]:
        """A certificate and its key: `server` or `admin`."""
        return self.folder / f"{name}.crt", self.folder / f"{name}.key"


def make_credentials(folder: Path) -> ClusterCredentials:
    """Make them, for some days."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    made = ClusterCredentials(folder)
    run(("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=trial",
         "-keyout", folder / "authority.key", "-out", made.authority))  # fmt: skip
    names = ("kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local")
    reached = ",".join([*(f"DNS:{name}" for name in names), f"IP:{API}", f"IP:{FIRST_SERVICE}"])
    _sign(made, "server", "/CN=kube-apiserver", f"subjectAltName={reached}\nextendedKeyUsage=serverAuth\n")
    _sign(made, "admin", "/O=system:masters/CN=admin", "extendedKeyUsage=clientAuth\n")
    run(("openssl", "genrsa", "-out", made.accounts_key, "2048"))
    made.kubeconfig.write_text(yaml.safe_dump(_kubeconfig(made)), encoding="utf-8")
    return made


def _sign(made: ClusterCredentials, name: str, subject: str, extensions: str) -> None:
    certificate, key = made.certificate(name)
    request, wanted = certificate.with_suffix(".csr"), certificate.with_suffix(".ext")
    wanted.write_text(extensions, encoding="utf-8")
    run(("openssl", "req", "-newkey", "rsa:2048", "-nodes", "-subj", subject, "-keyout", key, "-out", request))
    run(("openssl", "x509", "-req", "-in", request, "-CA", made.authority, "-CAkey", made.folder / "authority.key",
         "-CAcreateserial", "-days", "30", "-extfile", wanted, "-out", certificate))  # fmt: skip


def _kubeconfig(made: ClusterCredentials) -> dict[str, Any]:
    certificate, key = made.certificate("admin")
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {
                "name": "trial",
                "cluster": {"server": f"https://{API}:6443", "certificate-authority": str(made.authority)},
            }
        ],
        "users": [{"name": "admin", "user": {"client-certificate": str(certificate), "client-key": str(key)}}],
        "contexts": [{"name": "trial", "context": {"cluster": "trial", "user": "admin"}}],
        "current-context": "trial",
    }
