"""Tests are green on any day: their dates come from one place, and none meets the machine's clock."""

import ast
import re
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Final

import pytest

from testkit import dates
from testkit.builders.plants import a_plant

ROOT: Final = Path(__file__).resolve().parents[3]
DATES: Final = ROOT / "testkit" / "dates.py"
MODULES: Final = sorted(
    path
    for folder in ("tests", "testkit")
    for path in (ROOT / folder).rglob("*.py")
    if path not in {DATES, Path(__file__)}
)

WRITTEN: Final = re.compile(r"\b20[2-9]\d-?[01]\d-?[0-3]\d(?!\d)")
"""As in 2021-11-23, 20211123T100000Z or 2021-11-23T10:00:00Z."""
EPOCH: Final = (1_577_836_800, 4_102_444_800)
"""2020 and 2100 in seconds; in milliseconds a thousand times as many."""
POSSIBLY: Final = re.compile(r"20[2-9]\d|\d[\d_]{9}|\d[eE]\d|0[xX]|\bdate(time)?\(")
"""In the text of any module that has such a moment; the others need not be parsed."""
NO_TIME: Final = {
    ("tests/unit/local/lifecycle/test_checks.py", "2025-04-15"): "Java's version says so",
    ("tests/unit/control_api/http/test_messages.py", "2026-11-23"): "an example in a sentence",
    ("tests/unit/energytrack/metering/test_table.py", "3159949312.0"): "a register whose words are swapped",
    ("tests/property/test_metering.py", "3159949312.0"): "a register whose words are swapped",
}

CLOCK: Final = {"SystemClock", "started", "serving", "a_stack", "at_work", "obedient_machines"}
"""Who uses one of these names lives on the machine's clock, or starts a service that does."""
FIXED: Final = {"NOW", "DAY", "MIDNIGHT", "MONDAY", "NIGHT", "START", "END"}
DATED: Final[dict[str, set[str]]] = {
    "a_reading": {"timestamp"},
    "an_event": {"timestamp"},
    "an_insight": {"timestamp", "scored_at"},
    "a_command": {"requested_at", "expires_at"},
    "an_order": {"requested_at", "expires_at"},
    "a_lock": {"locked_at"},
    "from_alertmanager": {"startsAt"},
    "from_grafana": {"startsAt"},
}
"""Builders, and what a test on the machine's clock has to say lest it be the fixed day's."""
APART: Final = {
    "tests/integration/simulator/test_main.py": "a recording of whatever day is replayed as if it were now",
    "tests/integration/ml/test_retrain.py": "the service that it starts never retrains",
}
"""Modules that have both a fixed day and the machine's clock, and why the two do not meet."""


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def called(node: ast.Call) -> str:
    """`now` of `datetime.now()`, `a_reading` of `a_reading()`."""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def moments(module: ast.Module) -> Iterator[str]:
    """Whatever in a module is a moment of our years, written down."""
    for node in ast.walk(module):
        match node:
            case ast.Constant(value=str(text)):
                yield from WRITTEN.findall(text)
            case ast.Constant(value=int() | float() as number) if any(
                EPOCH[0] <= number / unit < EPOCH[1] for unit in (1, 1000)
            ):
                yield str(number)
            case ast.Call(args=[ast.Constant(value=int(year)), *_]) if called(node) in {"date", "datetime"}:
                yield f"{called(node)}({year}, …)"
            case _:
                pass


def on_the_machines_clock(module: ast.Module) -> bool:
    used = {node.id for node in ast.walk(module) if isinstance(node, ast.Name)}
    calls = {ast.unparse(node.func) for node in ast.walk(module) if isinstance(node, ast.Call)}
    return bool(used & CLOCK or calls & {"datetime.now", "time.time", "date.today"})


def fixed_days(module: ast.Module) -> Iterator[str]:
    """What a module has from the fixed day: its names, and builders that get no other time."""
    own = {
        target.id
        for node in module.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(module):
        if isinstance(node, ast.Name) and node.id in FIXED - own:
            yield f"line {node.lineno}: {node.id}"
        elif isinstance(node, ast.Call) and called(node) in DATED:
            said = {keyword.arg for keyword in node.keywords}
            if None not in said and not DATED[called(node)] <= said:
                yield f"line {node.lineno}: {called(node)} without {', '.join(sorted(DATED[called(node)] - said))}"


def test_no_moment_is_written_down_beside_the_one_day() -> None:
    """`testkit/dates.py` has them all, so that they can be moved."""
    possible = [path for path in MODULES if POSSIBLY.search(path.read_text(encoding="utf-8"))]
    written = ((name(path), moment) for path in possible for moment in moments(tree(path)))
    assert [each for each in written if each not in NO_TIME] == []


def test_what_lives_on_the_machines_clock_has_all_its_times_from_there() -> None:
    """A fixed day beside it is green for a while, and red from some day on."""
    words = {*CLOCK, "datetime.now", "time.time", "date.today"}
    texts = {path: path.read_text(encoding="utf-8") for path in MODULES if name(path) not in APART}
    possible = [path for path, text in texts.items() if any(word in text for word in words)]
    alive = [path for path in possible if on_the_machines_clock(tree(path))]
    assert [(name(path), day) for path in alive for day in fixed_days(tree(path))] == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("datetime(2021, 3, 1)", ["datetime(2021, …)"]),
        ('at("2021-03-01T10:00:00Z")', ["2021-03-01"]),
        ('f"{x} 20210301T100000Z-3f9a1c"', ["20210301"]),
        ("clock(1_700_000_000)", ["1700000000"]),
        ("clock(1_700_000_000_123)", ["1700000000123"]),
        ("datetime(year, 3, 1), 86_400, 20_000, '1999-12-31', '4f20213cc', 48211.337", []),
    ],
)
def test_a_moment_is_recognised(text: str, found: list[str]) -> None:
    assert list(moments(ast.parse(text))) == found
    assert POSSIBLY.search(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("with started(x): put(a_reading())", ["line 1: a_reading without timestamp"]),
        ("with started(x): put(a_reading(timestamp=now))", []),
        ("with started(x): put(a_reading(**fields))", []),
        ("datetime.now(UTC) - NOW", ["line 1: NOW"]),
        ("NOW = datetime.now(UTC)\nput(an_event(timestamp=NOW))", []),
        ("an_insight(timestamp=SystemClock().now())", ["line 1: an_insight without scored_at"]),
    ],
)
def test_a_fixed_day_beside_the_machines_clock_is_recognised(text: str, found: list[str]) -> None:
    assert on_the_machines_clock(ast.parse(text))
    assert list(fixed_days(ast.parse(text))) == found


def test_what_stands_apart_is_there() -> None:
    assert {*APART, *(path for path, _ in NO_TIME)} <= {name(path) for path in MODULES}


def test_the_days_are_what_they_are_called() -> None:
    """Wherever the one day is moved to."""
    assert (dates.MONDAY.weekday(), 0 <= (dates.MONDAY - dates.DAY).days <= 35) == (0, True)
    assert (dates.CLOCKS_FORWARD.weekday(), dates.CLOCKS_BACK.weekday()) == (6, 6)
    shift = [
        dates.at_plant(day, "12:00") - dates.at_plant(day, "00:00") for day in (dates.CLOCKS_FORWARD, dates.CLOCKS_BACK)
    ]
    assert [each.total_seconds() / 3600 for each in shift] == [11, 13]


def test_around_the_monday_nothing_is_out_of_the_ordinary() -> None:
    """From the day before to the Monday that follows: a test that counts quarter hours or shifts is right there."""
    around = [dates.MONDAY + timedelta(days=n) for n in range(-1, 9)]
    midnights = [dates.at_plant(day, "00:00") for day in around]
    assert {after - before for before, after in pairwise(midnights)} == {timedelta(days=1)}
    assert [day for day in around[:-1] if a_plant().calendar.name(day) is not None] == []
