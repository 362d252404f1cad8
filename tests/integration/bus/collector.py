"""A consumer that files what it takes as lines of a text file, commits, and lives until it is killed."""

import os
import sys
from pathlib import Path

from energytrack.bus.open import open_bus
from energytrack.settings import KafkaSettings
from energytrack.topics import READINGS


def main(client: str, servers: str, prefix: str, path: Path) -> None:
    settings = KafkaSettings.model_validate({"client": client, "servers": servers, "topic_prefix": prefix})
    source = open_bus(settings, "collector").source("collector", [READINGS])
    with path.open("ab") as file:
        while True:
            records = source.take(50, 0.2)
            if records:
                file.write(b"".join((record.value or b"") + b"\n" for record in records))
                file.flush()
                os.fsync(file.fileno())
                source.commit()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], Path(sys.argv[4]))
