"""Make the users that mongo's image and deploy/compose/mongo-user.js make."""

import os
import time
from pathlib import Path

from pymongo import MongoClient
from pymongo.errors import PyMongoError

client: "MongoClient[dict[str, object]]" = MongoClient("127.0.0.1:27017", serverSelectionTimeoutMS=500)
deadline = time.monotonic() + 60
while True:
    try:
        client.admin.command("ping")
        break
    except PyMongoError:
        if time.monotonic() > deadline:
            raise
root = Path(os.environ["MONGO_INITDB_ROOT_PASSWORD_FILE"]).read_text(encoding="utf-8")
ours = Path("/secrets/mongo/password").read_text(encoding="utf-8")
client.admin.command("createUser", os.environ["MONGO_INITDB_ROOT_USERNAME"], pwd=root, roles=["root"])
client.energytrack.command(
    "createUser",
    "energytrack",
    pwd=ours,
    roles=[{"role": "readWrite", "db": "energytrack"}, {"role": "dbAdmin", "db": "energytrack"}],
)
reader = Path("/secrets/mongo/reader_password").read_text(encoding="utf-8")
client.energytrack.command("createUser", "reader", pwd=reader, roles=[{"role": "read", "db": "energytrack"}])
