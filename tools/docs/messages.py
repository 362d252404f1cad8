"""docs/messages.md: the topics, every kind of message and all its fields, from the types that parse them."""

import json
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

import msgspec

from energytrack import messages
from energytrack.bus.memory import MemoryBus
from energytrack.consume import dead_letter
from energytrack.decoding import decoded
from energytrack.decoding.decoder import HOLD
from energytrack.errors import MalformedMessage
from energytrack.fields import EARLIEST, READING_AHEAD
from energytrack.settings import KafkaSettings
from energytrack.topics import COMMANDS, DEAD_LETTERS, EVENTS, INSIGHTS, PARSERS, READINGS, TOPICS
from tools.docs.docstrings import of_field
from tools.docs.examples import EXAMPLES, NOW
from tools.docs.markdown import NOTICE, code, page, sentence, table

TRAFFIC: Final = {
    READINGS: (
        "a plant's own gateways, `simulator`, `simulator.replay`",
        "`ml_consumer`, `historian`, `exporters`, `control_api`",
    ),
    INSIGHTS: ("`ml_consumer`", "`historian`, `exporters`, `control_api`"),
    COMMANDS: ("`control_api`", "the plant's gateway, `simulator`"),
    EVENTS: (
        "the plant's gateway, `simulator`, `simulator.replay`, `historian` (meters), `control_api` (retired machines)",
        "`ml_consumer`, `historian`, `exporters`, `control_api`",
    ),
    DEAD_LETTERS: ("`historian` (readings, insights, events), `simulator` (commands)", "people"),
}
"""Producers and consumers by topic."""

_RULES: Final = f"""
- JSON in UTF-8. The key of every message is its `device_id`, so a device's messages stay in order, and its readings,
  events and insights are on partitions with the same number.
- Unknown fields are ignored. A missing optional field means "not known".
- Times are ISO 8601 with a zone (`Z` or an offset), or a count of seconds, milliseconds, microseconds or nanoseconds
  since 1970. They are between {EARLIEST:%Y-%m-%d} and 24 hours ahead of the consumer's clock; those of readings at most
  {READING_AHEAD // timedelta(minutes=1)} minutes ahead (`ahead_minutes` of `[clocks]` in plant.toml). Inside,
  they are UTC.
- A message has at most {messages.MAX_MESSAGE_BYTES:,} bytes.
- A message that is not valid goes to `{DEAD_LETTERS}` unchanged, with the reason, and is counted. It delays no other
  message. A message without a value (a tombstone) is counted and skipped.
"""
_READINGS: Final = f"""
The fields below are what a reading is inside. What a machine or a gateway sends is read more leniently:

- A reading is refused only if its machine or its time cannot be understood. A value that cannot be used (a text, NaN,
  -500 °C) is unknown and the other values count. It is counted in `energytrack_pipeline_field_rejected_total`, and one
  sample per field and minute goes to `{DEAD_LETTERS}` with the reason `field_` and the field's name.
- A field that is absent was not sent in this message: the last value holds for {HOLD.seconds} seconds (`hold_seconds`
  of `[messages]` in plant.toml). A field that is `null` is lost. So parts of a machine may come in messages of
  their own, and those of the same timestamp are distinguished by a millisecond each.
- Understood as well: a JSON array of readings, or one reading a line; a byte order mark; numbers in texts (`"61.5"`);
  `state` in any case, and by the aliases of plant.toml (`states = {{ "2" = "running", AUTO = "running" }}`).
- Local time without a zone is never guessed. It is understood if plant.toml names the machine's zone (`clock_zone`), or
  one for all (`zone` of `[clocks]`).
- A key that is not the `device_id` is counted in `energytrack_pipeline_wrong_key_total`, and a sample a minute is shown
  on `{DEAD_LETTERS}` as `field_key`.
"""

_REASONS: Final = {
    "not_json": "not JSON, or not UTF-8",
    "wrong_type": "a field has the wrong type, or is out of range",
    "missing_field": "a required field is missing",
    "bad_timestamp": "a time without a zone, before the earliest, or (other than readings) more than 24 h ahead",
    "clock_ahead": "a reading from the future: the machine's clock is wrong; the detail says by how much",
    "no_machine": "parts of a plant meter, which is not a machine",
    "too_many_machines": "one of more unlisted machines than the exporters follow; counted only, it is stored as usual",
    "too_large": f"more than {messages.MAX_MESSAGE_BYTES:,} bytes",
}
SHOWN_FIELDS: Final = (*decoded.FIELDS, "key")
_FIELD_REASONS: Final = dict.fromkeys(decoded.FIELDS, "the value cannot be used; the detail says why") | {
    "signals": "a further signal cannot be used; the detail says which",
    "reading": "the message has no known field; the detail lists what it has",
    "key": "the key is not the `device_id`",
}
_TAGS: Final = {"kind": "What happened."}
"""The field that distinguishes kinds is not in any class."""


def messages_page() -> str:
    return page(
        "# Messages",
        NOTICE,
        "The messages on Kafka between machines and services. [Connect your machines](connect-your-machines.md) shows "
        "how to connect the machines of a plant.",
        "## Rules",
        _RULES,
        "## Topics",
        f"The stack creates them before anything else starts, with {KafkaSettings().partitions} partitions each "
        f"(`{KafkaSettings.variable('partitions')}`). A misspelt name creates no topic. An existing topic "
        "is not changed.",
        _topics(),
        *(_kinds(topic) for topic in EXAMPLES),
        _dead_letters(),
    )


def _topics() -> str:
    kinds = {topic: ", ".join(f"[{name}](#{name})" for name in map(_kind, of_it)) for topic, of_it in EXAMPLES.items()}
    return table(
        ["topic", "messages", "from", "to", "kept for", "size at most"],
        (
            [
                code(topic.name),
                kinds.get(topic.name, "[messages that could not be parsed](#on-dead-letters)"),
                *TRAFFIC[topic.name],
                f"{topic.retention_hours // 24} days",
                f"{topic.max_bytes:,} bytes",
            ]
            for topic in TOPICS
        ),
    )


def _kinds(topic: str) -> str:
    notes = [_READINGS] if topic == READINGS else []
    return page(f"## On `{topic}`", *notes, *(_message(topic, example) for example in EXAMPLES[topic]))


def _message(topic: str, example: messages.Message) -> str:
    """The section of one kind: its docstring, a parsed example, its fields, and the structures in them."""
    raw = messages.encode(example)
    if PARSERS[topic](raw, NOW) != example:
        raise AssertionError(f"{type(example).__name__}: the example is not understood")
    schema = msgspec.json.schema(type(example))
    parts = [part for part in schema["$defs"] if part != type(example).__name__]
    return page(
        f"### {_kind(example)}",
        sentence(type(example).__doc__),
        f"```json\n{_pretty(raw)}\n```",
        _fields(type(example), schema),
        *(
            page(f"{code(part)}: {sentence(getattr(messages, part).__doc__)}", _fields(getattr(messages, part), schema))
            for part in parts
        ),
    )


def _fields(cls: type, schema: dict[str, Any]) -> str:
    described = schema["$defs"][cls.__name__]
    return table(
        ["field", "", "type", "meaning"],
        (
            [
                code(name),
                "required" if name in described["required"] else "",
                _type(field),
                of_field(cls, name, sys.modules[cls.__module__]) or _TAGS[name],
            ]
            for name, field in described["properties"].items()
        ),
    )


def _type(schema: dict[str, Any]) -> str:
    """A JSON schema in words: the type and its limits."""
    if "anyOf" in schema:
        return ", or ".join(_type(option) for option in schema["anyOf"])
    if "$ref" in schema:
        return code(schema["$ref"].rpartition("/")[2])
    if "enum" in schema:
        return ", ".join(code(json.dumps(value).strip('"')) for value in schema["enum"])
    kind = "time" if schema.get("format") == "date-time" else schema["type"]
    return f"{_KINDS[kind](schema)}{_limits(schema)}" if kind in _KINDS else f"{kind}{_limits(schema)}"


def _text(schema: dict[str, Any]) -> str:
    pattern = schema.get("pattern")
    return f"string like {code(pattern.replace(chr(92) + 'Z', '$'))}" if pattern else "string"


def _object(schema: dict[str, Any]) -> str:
    names, values = schema.get("propertyNames", {}), schema["additionalProperties"]
    return f"object; each name a {_text(names)}, each value a {_type(values)}"


_KINDS: Final[dict[str, Callable[[dict[str, Any]], str]]] = {
    "string": _text,
    "object": _object,
    "array": lambda schema: f"list of {_type(schema['items'])}",
}
_BOUNDS: Final = (
    ("minimum", "maximum", ""),
    ("minLength", "maxLength", " characters"),
    ("minItems", "maxItems", " of them"),
    ("minProperties", "maxProperties", " of them"),
)


def _limits(schema: dict[str, Any]) -> str:
    for least, most, quantity in _BOUNDS:
        match (schema.get(least), schema.get(most)):
            case (None, None):
                continue
            case (None, high):
                return f", at most {high:,.15g}{quantity}"
            case (low, None):
                return f", at least {low:,.15g}{quantity}"
            case (low, high):
                return f", {low:,.15g} to {high:,.15g}{quantity}"
    return ""


def _dead_letters() -> str:
    """The section of dead letters: the headers of an example, and all reasons."""
    unexplained = set(messages.REASONS) ^ set(_REASONS)
    if unexplained:
        raise AssertionError(f"reasons without an explanation, or without a use: {unexplained}")
    return page(
        f"## On `{DEAD_LETTERS}`",
        '<a id="dead-letters"></a>Several services read a topic and refuse the same message. All of them count it, and '
        "one files it here, so that each bad message is here once: the historian, or for commands the simulator.",
        "The value is the message, byte for byte (or its beginning, if it is larger than the topic allows). The "
        "headers are texts:",
        table(["header", "example"], ([code(name), code(value)] for name, value in _headers())),
        "The reasons, which are also the label `reason` of `energytrack_pipeline_rejected_total`:",
        table(["reason", "what is wrong"], ([code(reason), text] for reason, text in _REASONS.items())),
        "Samples of readings that count, except for a value, have reasons beginning with `field_`:",
        table(["reason", "what is wrong"], ([code(f"field_{field}"), _FIELD_REASONS[field]] for field in SHOWN_FIELDS)),
    )


def _headers() -> list[tuple[str, str]]:
    class Silent:
        name = "historian"

        def rejected(self, reason: str) -> None:
            del reason

    bus = MemoryBus(partitions=1)
    raw = b'{"device_id": "cnc-0007", "timestamp": "2026-11-23T10:00:00Z", "temperature": "hot"}'
    bus.sink().put(READINGS, "cnc-0007", raw)
    record = bus.source("docs", [READINGS]).take(1, 0.0)[0]
    try:
        PARSERS[READINGS](raw, NOW)
    except MalformedMessage as malformed:
        dead_letter(bus.sink(), record, malformed, stage=Silent())  # type: ignore[arg-type]
    return [(name, value.decode()) for name, value in bus.headers[DEAD_LETTERS, 0, 0]]


def _kind(example: messages.Message) -> str:
    tag = type(example).__struct_config__.tag
    return str(tag) if tag else type(example).__name__.lower()


def _pretty(raw: bytes) -> str:
    return msgspec.json.format(raw, indent=2).decode()
