"""Checks every command that the store sends in tests against MongoDB's documented rules.

The tests' database is SecantusDB, which accepts some commands that MongoDB refuses. Sources: the manual of MongoDB 8.0,
its pages "Time Series Collection Limitations", "MongoDB Limits and Thresholds", "Partial Indexes", "TTL Indexes",
"Update Operators", "Aggregation Stages", "Views", "createUser" and "Built-In Roles".
"""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from pymongo import monitoring

SERIES: Final[Mapping[str, str]] = {"readings": "device", "insights": "device"}
"""Time-series collections, and their metaField."""
TIME: Final = "timestamp"
QUERY: Final = frozenset(
    {"$lt", "$lte", "$gt", "$gte", "$eq", "$ne", "$in", "$nin", "$not", "$or", "$and", "$exists", "$type", "$regex"}
)
UPDATE: Final = frozenset({"$set", "$unset", "$inc", "$min", "$max", "$push", "$setOnInsert", "$pull", "$addToSet"})
STAGES: Final = frozenset({"$match", "$group", "$sort", "$count", "$limit", "$skip", "$project", "$unwind"})
PARTIAL: Final = frozenset({"$eq", "$exists", "$gt", "$gte", "$lt", "$lte", "$type", "$and", "$or", "$in"})
ROLES_OF_A_DATABASE: Final = frozenset({"read", "readWrite", "dbAdmin", "dbOwner", "userAdmin"})
MOST_IN_A_BATCH: Final = 100_000
MOST_BYTES_IN_A_NAME: Final = 255


def violations(command: Mapping[str, Any]) -> Iterator[str]:
    """A sentence for each rule that a command breaks; none for an empty one: the driver hides those with a password."""
    if not command:
        return
    name = next(iter(command))
    target = command[name] if isinstance(command[name], str) else ""
    if "startTransaction" in command:
        yield f"{name}: a single server has no transactions"
    rules = RULES.get(name)
    if rules is not None:
        yield from rules(target, command)


def _inserted(target: str, command: Mapping[str, Any]) -> Iterator[str]:
    documents = command.get("documents", ())
    if len(documents) > MOST_IN_A_BATCH:
        yield f"insert into {target}: more than {MOST_IN_A_BATCH:,} documents"
    for document in documents:
        if target in SERIES and TIME not in document:
            yield f"insert into {target}: a document without {TIME}"
        if any(str(key).startswith("$") or "\0" in str(key) for key in document):
            yield f"insert into {target}: a field whose name begins with a dollar sign, or holds a zero byte"


def _updated(target: str, command: Mapping[str, Any]) -> Iterator[str]:
    for update in command.get("updates", ()):
        yield from _operators_known(target, update["q"])
        is_replacement = not any(key.startswith("$") for key in update["u"])
        if target in SERIES:
            yield from _updated_series(target, update, is_replacement=is_replacement)
        if not is_replacement:
            yield from _changed_well(target, update["q"], update["u"])
        elif update.get("multi"):
            yield f"update of {target}: a replacement of many documents"


def _updated_series(target: str, update: Mapping[str, Any], *, is_replacement: bool) -> Iterator[str]:
    query, change = update["q"], update["u"]
    meta = SERIES[target]
    if is_replacement or update.get("upsert") or not update.get("multi"):
        yield f"update of {target}: a time series takes only updates of many documents, without upsert"
    if not all(_is_in(field, meta) for field in _fields(query)):
        yield f"update of {target}: asks for more than the metaField {meta}"
    if not is_replacement and not all(_is_in(field, meta) for field in _changed(change)):
        yield f"update of {target}: changes more than the metaField {meta}"


def _changed_well(target: str, query: Mapping[str, Any], change: Mapping[str, Any]) -> Iterator[str]:
    for unknown in set(change) - UPDATE:
        yield f"update of {target}: {unknown} is not among the operators that we know MongoDB to have"
    paths = sorted(_changed(change), key=lambda path: path.split("."))  # nested stages come after the outer one
    for path in paths:
        if path == "_id" and "_id" not in query:
            yield f"update of {target}: changes _id"
    for one, another in pairwise(paths):
        if one == another or another.startswith(f"{one}."):
            yield f"update of {target}: {one} and {another} conflict"
    for pushed in change.get("$push", {}).values():
        if isinstance(pushed, Mapping) and "$slice" in pushed and "$each" not in pushed:
            yield f"update of {target}: $slice without $each"


def _deleted(target: str, command: Mapping[str, Any]) -> Iterator[str]:
    for deletion in command.get("deletes", ()):
        yield from _operators_known(target, deletion["q"])
        if target in SERIES:
            yield from _deleted_series(target, deletion)


def _deleted_series(target: str, deletion: Mapping[str, Any]) -> Iterator[str]:
    if deletion.get("limit"):
        yield f"delete in {target}: a time series takes no deletion of one document"
    fields = _fields(deletion["q"])
    # By time only if the server does not expire anything itself (Link.expires); MongoDB does.
    is_expiry = fields == {"device.id", TIME}
    if not is_expiry and not all(_is_in(field, SERIES[target]) for field in fields):
        yield f"delete in {target}: asks for more than the metaField {SERIES[target]}"


def _indexes_made(target: str, command: Mapping[str, Any]) -> Iterator[str]:
    for index in command["indexes"]:
        yield from _indexed(target, index)


def _indexed(target: str, index: Mapping[str, Any]) -> Iterator[str]:
    if target in SERIES and any(index.get(option) for option in ("unique", "sparse")):
        yield f"index on {target}: a time series has no unique and no sparse one"
    if "expireAfterSeconds" in index and len(index["key"]) != 1:
        yield f"index on {target}: only an index of one field expires documents"
    if index.get("sparse") and "partialFilterExpression" in index:
        yield f"index on {target}: sparse and partial at once"
    unknown = _operators(index.get("partialFilterExpression", {})) - PARTIAL
    if unknown:
        yield f"index on {target}: {', '.join(sorted(unknown))} in a partial filter"


def _created(target: str, command: Mapping[str, Any]) -> Iterator[str]:
    if len(target.encode()) > MOST_BYTES_IN_A_NAME or "$" in target:
        yield f"create {target}: not a name of a collection"
    if "viewOn" in command:
        yield from _viewed(target, command)
    layout = command.get("timeseries")
    if layout is not None and set(layout) - {"timeField", "metaField", "granularity"}:
        yield f"create {target}: options of a time series that we do not know"


def _viewed(target: str, command: Mapping[str, Any]) -> Iterator[str]:
    if "timeseries" in command or target == command["viewOn"]:
        yield f"create {target}: a view is no time series, and not of itself"
    for broken in _aggregated(target, command):
        yield broken.replace("aggregation of", "view", 1)
    for stage in command["pipeline"]:
        for field, content in stage.get("$project", {}).items():
            if content not in (0, 1) and not (isinstance(content, str) and content.startswith("$")):
                yield f"create {target}: {field} is neither included nor a path"


def _user_made(target: str, command: Mapping[str, Any]) -> Iterator[str]:
    if not target or not command.get("pwd"):
        yield "createUser: without a name or a password"
    if "roles" not in command:
        yield f"createUser {target}: without roles"
    for role in command.get("roles", ()):
        if set(role) != {"role", "db"} or role["role"] not in ROLES_OF_A_DATABASE:
            yield f"createUser {target}: {role} is not one of MongoDB's roles for one database"
    unknown = set(command) - {"createUser", "pwd", "roles"}
    if unknown:
        yield f"createUser {target}: {', '.join(sorted(unknown))} is not among the fields that we know"


def _query_violations(target: str, command: Mapping[str, Any]) -> Iterator[str]:
    yield from _operators_known(target, command.get("filter", command.get("query", {})))


def _operators_known(target: str, query: Mapping[str, Any]) -> Iterator[str]:
    unknown = _operators(query) - QUERY
    if unknown:
        yield f"query of {target}: {', '.join(sorted(unknown))} is not among the operators that we know MongoDB to have"


def _aggregated(target: str, command: Mapping[str, Any]) -> Iterator[str]:
    for stage in command["pipeline"]:
        ((name, content),) = stage.items()
        if name not in STAGES:
            yield f"aggregation of {target}: {name} is not among the stages that we know MongoDB to have"
        if name == "$match":
            yield from _operators_known(target, content)


def _fields(query: Mapping[str, Any]) -> set[str]:
    """The fields that a query uses."""
    fields: set[str] = set()
    for key, value in query.items():
        if key in {"$or", "$and"}:
            fields |= set().union(*map(_fields, value))
        else:
            fields.add(key)
    return fields


def _changed(change: Mapping[str, Mapping[str, Any]]) -> list[str]:
    return [field for fields in change.values() for field in fields]


def _operators(value: object) -> set[str]:
    if isinstance(value, Mapping):
        own = {key for key in value if key.startswith("$")}
        return own.union(*map(_operators, value.values()))
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return set().union(*map(_operators, value))
    return set()


def _is_in(field: str, meta: str) -> bool:
    return field == meta or field.startswith(f"{meta}.")


def _found_and_modified(target: str, _: Mapping[str, Any]) -> Iterator[str]:
    if target in SERIES:
        yield f"findAndModify: not possible on the time series {target}"


RULES: Final[Mapping[str, Callable[[str, Mapping[str, Any]], Iterator[str]]]] = {
    "insert": _inserted, "update": _updated, "delete": _deleted, "createIndexes": _indexes_made, "create": _created,
    "find": _query_violations, "count": _query_violations, "aggregate": _aggregated,
    "findAndModify": _found_and_modified, "createUser": _user_made,
}  # fmt: skip


class RulesListener(monitoring.CommandListener):
    """Checks each command of the store's clients."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: list[str] = []
        self.seen = 0
        """The number of commands that were checked."""

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        """Check a command."""
        broken = list(violations(event.command))
        with self._lock:
            self.seen += 1
            self._found += broken

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        pass

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        pass

    def taken(self) -> list[str]:
        """The violations since the last call."""
        with self._lock:
            broken, self._found = self._found, []
        return broken
