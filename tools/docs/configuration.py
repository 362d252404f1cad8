"""docs/configuration.md and .env.example: every setting of every package, from the blocks that read them."""

import re
import textwrap
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from inspect import get_annotations
from pathlib import Path
from typing import Any, Final

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from energytrack.settings import Block
from tools.docs.markdown import NOTICE, code, page, sentence, table

PACKAGES: Final = ("energytrack", "simulator", "ml", "historian", "exporters", "control_api", "gateway", "local")
ROOMS: Final = ("energytrack.report", "energytrack.backup", "energytrack.centre", "energytrack.security")
"""Rooms with settings of their own."""
_COMPOSE_VARIABLE: Final = re.compile(r"(?<!\$)\$\{([A-Z_]+)(?::?-([^}]*))?\}")
_COMPOSE_HEADER: Final = re.compile(r"^#   ([A-Z_]+(?:, [A-Z_]+)*) {2,}(.+)$|^# {20,}(.+)$")
_INTRODUCTION: Final = """
Settings are environment variables. A service reads them once, when it starts. If some are wrong or look misspelt, it
reports all of them and ends with exit code 2. An empty variable counts as not set. A secret can be read from a file
instead: append `_FILE` to its variable and set it to the file's path.
"""
_COMPOSE: Final = """
What [`compose.yaml`](../compose.yaml) reads from the environment, or from a file `.env` next to it. It sets the
variables above for its containers.
"""
_EXAMPLE_HEAD: Final = """\
# Every setting with its default (docs/configuration.md). Copy this file to `.env` and change what differs on your site.
# Made by `./et tools.docs` from the code; changes to this file are lost.

# --- Compose: what compose.yaml passes on to its containers
"""


def configuration_page(root: Path) -> str:
    return page(
        "# Configuration",
        NOTICE,
        _INTRODUCTION,
        "The plant itself (machines, shifts, calendar and [tariff](contract.md)) is described in "
        "[`plant.toml`](../plant.toml).",
        *(_section(block) for block in blocks()),
        "## Compose",
        _COMPOSE,
        table(
            ["variable", "default", "meaning"],
            ([code(name), code(default), what] for name, default, what in compose_variables(root)),
        ),
    )


def env_example(root: Path) -> str:
    """Every variable with its default, commented out."""
    lines = _EXAMPLE_HEAD.splitlines()
    for name, default, what in compose_variables(root):
        lines += ["", *_comment(what), f"#{name}={default}"]
    for block in blocks():
        lines += ["", f"# --- {sentence(block.__doc__)}"]
        for name, field in own_fields(block):
            lines += ["", *_comment(_description(field)), f"#{block.variable(name)}={_default(field)}"]
    return "\n".join(lines) + "\n"


def _comment(text: str) -> list[str]:
    return textwrap.wrap(text, 118, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False)


def blocks() -> list[type[Block]]:
    """Every block of settings, the kernel's first."""
    found_blocks: list[type[Block]] = []
    for package in (PACKAGES[0], *ROOMS, *PACKAGES[1:]):
        if find_spec(f"{package}.settings") is None:
            continue
        module = import_module(f"{package}.settings")
        found_blocks += [
            block
            for block in vars(module).values()
            if isinstance(block, type) and issubclass(block, Block) and block.__module__ == module.__name__
            and block is not Block
        ]  # fmt: skip
    return found_blocks


def compose_variables(root: Path) -> list[tuple[str, str, str]]:
    """Name, default and explanation of each variable of compose.yaml; raises if its head does not explain one."""
    text = (root / "compose.yaml").read_text(encoding="utf-8")
    used = {name: default or "" for name, default in _COMPOSE_VARIABLE.findall(text)}
    explained = dict(_explained(text))
    if used.keys() != explained.keys():
        raise AssertionError(f"compose.yaml: used or explained, but not both: {sorted(used.keys() ^ explained.keys())}")
    return [(name, used[name], what) for name, what in explained.items()]


def _explained(text: str) -> Iterator[tuple[str, str]]:
    """The names and sentences of the comment at the top of the file."""
    names: list[str] = []
    words: list[str] = []
    for line in [*text.splitlines(), "end"]:
        match = _COMPOSE_HEADER.match(line)
        if (match is None or match[1]) and names:
            yield from ((name, " ".join(words)) for name in names)
            names, words = [], []
        if match is not None:
            names = match[1].split(", ") if match[1] else names
            words.append((match[2] or match[3]).strip())
        elif not line.startswith("#"):
            return


def _section(block: type[Block]) -> str:
    return page(
        f"## {_title(block)}",
        f"{sentence(block.__doc__)} Read by {', '.join(map(code, _readers(block)))}.",
        table(
            ["variable", "default", "meaning"],
            (
                [code(block.variable(name)), code(_default(field)), _description(field)]
                for name, field in own_fields(block)
            ),
        ),
    )


def own_fields(block: type[Block]) -> list[tuple[str, FieldInfo]]:
    """The fields that it does not inherit from another block, which has them in its own section."""
    own = get_annotations(block)
    return [(name, field) for name, field in block.model_fields.items() if name in own]


def _title(block: type[Block]) -> str:
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", block.__name__.removesuffix("Settings")).split()
    return " ".join([words[0], *(word if word.isupper() else word.lower() for word in words[1:])])


def _readers(block: type[Block]) -> list[str]:
    """The packages in whose code a block is named."""
    named = re.compile(rf"\b{block.__name__}\b")
    sources = {package: Path(str(import_module(package).__file__)).parent.rglob("*.py") for package in PACKAGES[1:]}
    return [name for name, files in sources.items() if any(named.search(f.read_text(encoding="utf-8")) for f in files)]


def _default(field: FieldInfo) -> str:
    default: Any = field.get_default(call_default_factory=True)
    if default is PydanticUndefined or default is None:
        return ""
    shown = default.get_secret_value() if hasattr(default, "get_secret_value") else default
    return str(shown).lower() if isinstance(shown, bool) else str(shown)


def _description(field: FieldInfo) -> str:
    """The description, the choices and the limits."""
    choices = re.findall(r"'([^']+)'", str(field.annotation)) if "Literal" in str(field.annotation) else []
    limits = [
        f"{word} {getattr(limit, name):g}"
        for name, word in (("ge", "at least"), ("gt", "more than"), ("le", "at most"), ("lt", "less than"))
        for limit in field.metadata
        if getattr(limit, name, None) is not None
    ]
    notes = [*(["one of " + ", ".join(choices)] if choices else []), *limits]
    return f"{field.description}{' (' + ', '.join(notes) + ')' if notes else ''}"
