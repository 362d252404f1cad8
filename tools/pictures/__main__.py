"""Take pictures of a running stack: of the operators' page, and of the dashboards if the stack has a Grafana.

python -m tools.pictures                                    the pictures of docs/pictures, of the stack in var/
python -m tools.pictures --out DIR --theme light --size 1024x768    to look at, as on a tablet
"""

import argparse
import os
import sys
from pathlib import Path
from typing import Final

import httpx

try:
    from playwright.sync_api import Error
except ModuleNotFoundError:
    sys.exit("Pictures need what drives a browser, which `make check` installs: run it once, then this again.")

from local.options import saved_options, site_of, state_folder
from local.services.passwords import authorization, server_password
from local.site import Site
from tools.pictures.browser import show, signed_in
from tools.pictures.sights import DASHBOARDS, OPERATORS

FOLDER: Final = Path("docs/pictures")
MOST_BYTES: Final = 300_000
"""People also read a README over slow lines."""


def main(arguments: list[str]) -> int:
    """Take them; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.pictures", description=__doc__)
    parser.add_argument("--out", type=Path, default=FOLDER, help="where they are put")
    parser.add_argument("--theme", choices=("dark", "light"), default="dark")
    parser.add_argument("--size", default="1600x1000", help="of the window, in pixels: 1600x1000")
    parser.add_argument("--only", default="", help="pictures with these words in their name")
    options = parser.parse_args(arguments)
    width, height = (int(number) for number in options.size.split("x"))
    site = site_of(saved_options(state_folder(os.environ)), os.environ)
    sights = [sight for sight in (*OPERATORS, *(DASHBOARDS if site.grafana_home else ())) if options.only in sight.name]
    options.out.mkdir(parents=True, exist_ok=True)
    device, too_large = riskiest(site), 0
    try:
        with signed_in(site, width=width, height=height, theme=options.theme) as context:
            page = context.new_page()
            for sight in sights:
                show(page, site, sight, device=device, theme=options.theme)
                file = options.out / f"{sight.name}.png"
                size = len(page.screenshot(path=file))
                print(f"{file}  {size / 1000:.0f} kB")
                too_large += size > MOST_BYTES
    except Error as error:
        print(f"no picture: {error.message}", file=sys.stderr)
        return 1
    if too_large:
        print(f"{too_large} of them are larger than {MOST_BYTES // 1000} kB", file=sys.stderr)
    return 1 if too_large else 0


def riskiest(site: Site) -> str:
    """The machine that is most likely to fail; any machine if there are no predictions."""
    address = site.url(site.ports.prometheus, "/api/v1/query")
    sign_in = authorization(server_password(site, "prometheus"))
    for expression in ("topk(1, device:failure_probability_ratio:max)", "topk(1, energytrack_device_info)"):
        answer = httpx.get(address, params={"query": expression}, headers=sign_in).raise_for_status()
        result = answer.json()["data"]["result"]
        if result:
            return str(result[0]["metric"]["device_id"])
    raise SystemExit("Prometheus knows no machine: is the stack up?")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
