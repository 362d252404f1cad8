"""One address opens as many connections to a real front door as it gets."""

import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from local.install.programs import CADDY, find
from local.site import ROOT
from testkit.stack.crowded_front_door import Crowded
from tests.unit.deploy.compose_file import containers

RULES = ROOT / "deploy" / "front-door" / "connections.nft"
MOST = 500
"""The number in the rules."""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def crowded(folder: Path, connections: int, *rules: str) -> Crowded:
    """A front door with the limits of Compose; skips where nobody may have a network of their own."""
    own_network = ["unshare", "--map-root-user", "--net"]
    may_have_one = shutil.which("unshare") and subprocess.run([*own_network, "true"], check=False).returncode == 0
    if find(CADDY) is None or shutil.which("nft") is None or not may_have_one:
        pytest.skip("no caddy, no nft, or no network namespaces here")
    caddy = containers()["caddy"]
    limits = [str(caddy.described["ulimits"]["nofile"]), caddy.env["GOMEMLIMIT"]]
    command = [*own_network, sys.executable, "-m", "testkit.stack.crowded_front_door", str(folder), str(connections)]
    ran = subprocess.run([*command, *limits, *rules], cwd=ROOT, stdout=subprocess.PIPE, check=True)
    return msgspec.json.decode(ran.stdout, type=Crowded)


def test_one_address_leaves_room_for_others(tmp_path: Path) -> None:
    """With the rules for the kernel: the others are answered while it holds what it gets."""
    happened = crowded(tmp_path, 2 * MOST, str(RULES))
    assert happened.held == MOST
    assert happened.other_was_answered
    assert happened.answered_afterwards


def test_the_front_door_outlives_whoever_takes_all_its_connections(tmp_path: Path) -> None:
    """Without the rules, others may have to wait; its memory stays below the limit at which it would be killed."""
    happened = crowded(tmp_path, 4500)
    assert happened.held > MOST
    assert happened.answered_afterwards
    limit = containers()["caddy"].described["deploy"]["resources"]["limits"]["memory"]
    assert happened.most_bytes < int(limit.removesuffix("m")) * 1024 * 1024
