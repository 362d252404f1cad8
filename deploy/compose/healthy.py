"""The health check of a container: exits with 0 if this container's service is ready.

Otherwise `docker inspect` shows the reason. An unhealthy container is not restarted: it is waiting for a server, and
continues by itself. A stuck one ends by itself, and Compose restarts it.

The check uses the service's own page; ENERGYTRACK_METRICS_PORT (in the control API its own port) is the port.
"""

import os
import sys
import urllib.error
import urllib.request

PORTS = ("ENERGYTRACK_CONTROL_API_PORT", "ENERGYTRACK_METRICS_PORT")
DEFAULT = "9400"


def main() -> int:
    """0 where /healthz answers, 1 otherwise."""
    port = next((os.environ[name] for name in PORTS if os.environ.get(name)), DEFAULT)
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=4):  # an error status raises
            return 0
    except urllib.error.HTTPError as answer:
        with answer:
            sys.stderr.write(f"not ready: {answer.read(1000).decode(errors='replace')}")
        return 1
    except OSError as problem:
        sys.stderr.write(f"not ready: {problem}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
