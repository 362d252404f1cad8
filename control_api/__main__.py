"""`python -m control_api`: serve the control API."""

from collections.abc import Mapping

from control_api.run import serve_control_api
from energytrack.service import entry


def main(env: Mapping[str, str]) -> None:
    """Read the settings and serve."""
    serve_control_api(env)


if __name__ == "__main__":
    entry(main)
