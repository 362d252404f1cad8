"""Write the reference pages, or report those that differ from the code.

./et tools.docs            write the generated pages of docs/, .env.example, and the runbook as a page
./et tools.docs --check    change nothing; exit 1 if a file differs
"""

import argparse
import logging
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import structlog

from tools.docs.configuration import configuration_page, env_example
from tools.docs.messages import messages_page
from tools.docs.metrics import metrics_page
from tools.docs.runbook import runbook_text

ROOT = Path(__file__).parents[2]
PAGES: Final[Mapping[Path, Callable[[], str]]] = {
    Path("docs/messages.md"): messages_page,
    Path("docs/configuration.md"): lambda: configuration_page(ROOT),
    Path("docs/metrics.md"): metrics_page,
    Path(".env.example"): lambda: env_example(ROOT),
    Path("control_api/web/templates/runbook_text.html"): lambda: runbook_text(ROOT / "docs"),
}
"""Every generated file, by its path below the project's root, with the function that makes its text."""


def main(arguments: list[str]) -> int:
    """Write or check; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.docs", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 on a difference")
    check = parser.parse_args(arguments).check
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    stale = 0
    for path, write in PAGES.items():
        file, text = ROOT / path, write()
        if not check:
            file.write_text(text, encoding="utf-8")
        elif not file.exists() or file.read_text(encoding="utf-8") != text:
            print(f"{path}: differs from the code: run ./et tools.docs")
            stale = 1
    return stale


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
