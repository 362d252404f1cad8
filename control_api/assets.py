"""The old name of a command: `python -m control_api.assets`."""

import sys

from control_api.web.assets import main

if __name__ == "__main__":
    sys.stderr.write("python -m control_api.assets is python -m control_api.web.assets now\n")
    main()
