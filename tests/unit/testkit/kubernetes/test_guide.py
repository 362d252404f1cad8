"""Blocks of a page, and those of the guide that tests follow."""

from pathlib import Path

import pytest

from local.site import ROOT
from testkit.kubernetes.guide import block
from tests.unit.deploy.kubernetes.objects import every_overlay, rendered


def test_a_block_is_found_by_the_words_before_it(tmp_path: Path) -> None:
    page = tmp_path / "guide.md"
    page.write_text("**First**\n\n```sh\none\n```\n\n**Then**\n\n```yaml\nno: 1\n```\n\n```sh\ntwo\nthree\n```\n")
    assert block(page, "**First**", "sh") == "one\n"
    assert block(page, "**Then**", "sh") == "two\nthree\n"
    assert block(page, "**Then**", "yaml") == "no: 1\n"
    for words in ("**Never**", "three"):
        with pytest.raises(ValueError, match=r"guide\.md has no sh after"):
            block(page, words, "sh")


@every_overlay
def test_the_guide_makes_every_secret_that_our_pods_read(overlay: str) -> None:
    made = block(ROOT / "docs/scaling.md", "**What you create once**", "sh")
    pods = [each["spec"]["template"]["spec"] for each in rendered(overlay) if each["kind"] in {"Deployment", "Job"}]
    read = {
        item["key"]
        for pod in pods
        for volume in pod.get("volumes", [])
        if volume.get("secret", {}).get("secretName") == "energytrack"
        for item in volume["secret"]["items"]
    }
    assert read
    assert [key for key in read if f"--from-literal={key}=" not in made] == []
