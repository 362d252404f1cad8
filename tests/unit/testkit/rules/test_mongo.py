"""The rules that the tests hold against every command of the store: each of them finds what it is for."""

from typing import Any

import pytest

from testkit.builders.messages import NOW
from testkit.rules.mongo import violations

BROKEN: dict[str, dict[str, Any]] = {
    "no unique": {"createIndexes": "readings", "indexes": [{"key": {"device.id": 1}, "unique": True}]},
    "without timestamp": {"insert": "readings", "documents": [{"device": {"id": "cnc-0007"}}]},
    "many documents, without upsert": {
        "update": "insights",
        "updates": [{"q": {"device.id": "cnc-0007"}, "u": {"$set": {"device.id": "x"}}, "upsert": True, "multi": True}],
    },
    "changes more than the metaField": {
        "update": "readings",
        "updates": [{"q": {"device.id": "cnc-0007"}, "u": {"$set": {"temperature": 1.0}}, "multi": True}],
    },
    "asks for more than the metaField": {
        "delete": "readings",
        "deletes": [{"q": {"temperature": {"$gt": 90}}, "limit": 0}],
    },
    "no deletion of one document": {"delete": "readings", "deletes": [{"q": {"device.id": "cnc-0007"}, "limit": 1}]},
    "conflict": {"update": "meters", "updates": [{"q": {"_id": "x"}, "u": {"$set": {"a": 1}, "$unset": {"a.b": ""}}}]},
    "a and a.b conflict": {
        "update": "meters",
        "updates": [{"q": {"_id": "x"}, "u": {"$set": {"a": 1, "a-c": 1, "a.b": 1}}}],
    },
    "$where": {"find": "alarms", "filter": {"$where": "true"}},
    "$lookup": {"aggregate": "readings", "pipeline": [{"$lookup": {}}]},
    "only an index of one field": {
        "createIndexes": "pages",
        "indexes": [{"key": {"a": 1, "b": 1}, "expireAfterSeconds": 1}],
    },
    "in a partial filter": {
        "createIndexes": "locks",
        "indexes": [{"key": {"a": 1}, "partialFilterExpression": {"a": {"$ne": None}}}],
    },
    "not of itself": {"create": "now", "viewOn": "now", "pipeline": []},
    "$out is not among the stages": {"create": "now", "viewOn": "devices", "pipeline": [{"$out": "x"}]},
    "neither included nor a path": {"create": "now", "viewOn": "devices", "pipeline": [{"$project": {"a": 5}}]},
    "without a name or a password": {"createUser": "reader", "pwd": "", "roles": []},
    "is not one of MongoDB's roles": {
        "createUser": "reader",
        "pwd": "x",
        "roles": [{"role": "reads", "db": "energytrack"}],
    },
    "is not among the fields": {"createUser": "reader", "pwd": "x", "roles": [], "password": "x"},
    "no transactions": {"find": "alarms", "filter": {}, "startTransaction": True},
}


@pytest.mark.parametrize("said", BROKEN)
def test_what_mongodb_would_refuse_is_found(said: str) -> None:
    (sentence,) = violations(BROKEN[said])
    assert said in sentence


def test_a_hidden_command_breaks_no_rule() -> None:
    """The driver shows nothing of a sign-in."""
    assert list(violations({})) == []


def test_what_the_store_does_is_allowed() -> None:
    """By the metaField in time series; anything in ordinary collections."""
    old = {"device.id": "cnc-0007", "timestamp": {"$lt": NOW}}
    for command in (
        {"delete": "readings", "deletes": [{"q": {"device.batch": "b1"}, "limit": 0}]},
        {"delete": "readings", "deletes": [{"q": old, "limit": 0}]},
        {"createIndexes": "locks", "indexes": [{"key": {"device_id": 1}, "unique": True}]},
        {"update": "meters", "updates": [{"q": {"_id": "x"}, "u": {"$set": {"a": 1, "ab": 2}}, "upsert": True}]},
    ):
        assert list(violations(command)) == []
