"""Write Prometheus' rules and Kafka's users in the form that their operators take, or report differences.

python -m tools.kubernetes                     write the files
python -m tools.kubernetes --check             change nothing; exit 1 if a file differs
python -m tools.kubernetes --gateway hall-2    print the user of a gateway, for kubectl apply
"""

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from energytrack.security.quotas import UserQuota
from energytrack.security.rights import GATEWAY_PREFIX, RIGHTS, Permission, gateway_rights
from energytrack.security.settings import QuotaSettings
from energytrack.settings import PlantSettings, read_all
from energytrack.topics import READINGS
from local.topics import machines_of

ROOT: Final = Path(__file__).parents[2]
HEAD: Final = "# Made by `python -m tools.kubernetes` from {source}; what is changed here is lost.\n"
SIMULATED: Final = ("simulator",)
"""Users that only the demonstration has."""
LOCAL: Final = ("gateway", "replay")
"""Users that are not on Kubernetes."""
SCALED: Final = ("historian", "ml-consumer")
"""Groups whose replicas follow their lag."""
TOPICS: Final = {
    "resource": {"type": "topic", "name": "*", "patternType": "literal"},
    "operations": ["Create", "Describe"],
}
"""The rights of the job `topics`: Kafka's administrator is Strimzi's operator here."""


def rendered_rules() -> str:
    """One object for each file of rules."""
    return _yaml("prometheus/rules", (_rules(file) for file in sorted((ROOT / "prometheus" / "rules").glob("*.yml"))))


def rendered_users() -> str:
    """One object for each user, with its rights."""
    named = {name: _acls(rights.permissions()) for name, rights in RIGHTS.items() if name not in SIMULATED + LOCAL}
    return _yaml(
        "energytrack/security/rights.py", (_user(*each) for each in sorted({**named, "topics": [TOPICS]}.items()))
    )


def rendered_simulated_users() -> str:
    """The users of simulated machines."""
    return _yaml(
        "energytrack/security/rights.py", (_user(name, _acls(RIGHTS[name].permissions())) for name in SIMULATED)
    )


def rendered_lag_reader() -> str:
    """The user with which KEDA reads the lag of groups."""
    described = [
        {"resource": {"type": kind, "name": name, "patternType": "literal"}, "operations": ["Describe"]}
        for kind, name in (("topic", READINGS), *(("group", group) for group in SCALED))
    ]
    return _yaml("tools/kubernetes", [_user("lag-reader", described)])


def gateway(name: str, quota: UserQuota) -> str:
    """The user of a plant's gateway; its password is then in the secret `kafka-gateway-NAME`."""
    user = _user(GATEWAY_PREFIX + name, _acls(gateway_rights(name).permissions()))
    user["spec"]["quotas"] = {
        "producerByteRate": round(quota.bytes_per_second),
        "consumerByteRate": round(quota.bytes_per_second),
        "requestPercentage": round(quota.processor_percent),
    }
    return yaml.safe_dump(user, sort_keys=False)


FILES: Final[Mapping[str, Callable[[], str]]] = {
    "deploy/kubernetes/base/rules.yaml": rendered_rules,
    "deploy/kubernetes/base/users.yaml": rendered_users,
    "deploy/kubernetes/simulated/users.yaml": rendered_simulated_users,
    "deploy/kubernetes/replicas-by-lag/users.yaml": rendered_lag_reader,
}


def main(arguments: list[str]) -> int:
    """Write, check or print; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.kubernetes", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 on a difference")
    parser.add_argument("--gateway", metavar="NAME", help="print the user of a gateway")
    options = parser.parse_args(arguments)
    if options.gateway:
        quotas, site = read_all(os.environ, QuotaSettings, PlantSettings)
        sys.stdout.write(gateway(options.gateway, quotas.quota(machines_of(site))))
        return 0
    texts = {name: render() for name, render in FILES.items()}
    if not options.check:
        for name, text in texts.items():
            (ROOT / name).write_text(text, encoding="utf-8")
        return 0
    different = [name for name, text in texts.items() if _kept(ROOT / name) != text]
    for name in different:
        print(f"{name}: not what `python -m tools.kubernetes` makes")
    return 1 if different else 0


def _kept(file: Path) -> str | None:
    return file.read_text(encoding="utf-8") if file.exists() else None


def _yaml(source: str, objects: Iterable[dict[str, Any]]) -> str:
    return HEAD.format(source=source) + "---\n".join(
        yaml.safe_dump(each, sort_keys=False, allow_unicode=True, width=10_000) for each in objects
    )


def _user(name: str, acls: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "apiVersion": "kafka.strimzi.io/v1",
        "kind": "KafkaUser",
        "metadata": {"name": name, "labels": {"strimzi.io/cluster": "energytrack"}},
        "spec": {
            "authentication": {"type": "scram-sha-512"},
            "authorization": {"type": "simple", "acls": acls},
        },
    }


def _acls(permissions: Iterable[Permission]) -> list[dict[str, Any]]:
    return [
        {
            "resource": {
                "type": each.kind,
                "name": each.name,
                "patternType": "prefix" if each.is_prefix else "literal",
            },
            "operations": [each.operation.title().replace("_", "")],
        }
        for each in sorted(permissions)
    ]


def _rules(file: Path) -> dict[str, object]:
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": file.stem},
        "spec": {"groups": yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader)["groups"]},
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
