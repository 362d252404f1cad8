"""Files that count parts: by interval or as a counter, and what they do not prove is asked."""

from collections.abc import Sequence

import numpy as np
import pytest

from energytrack.importer.choices import Choices, NotProved
from energytrack.importer.content import Content
from energytrack.importer.destinations.quarters import days_of
from energytrack.importer.reader import read_bytes
from energytrack.importer.values.parts import counts_parts
from testkit.builders.import_files import QUARTER, counts, lines, starts, wide
from testkit.dates import CLOCKS_BACK, CLOCKS_FORWARD, MONDAY, PLANT_ZONE


def read(text: str, **choices: str) -> Content:
    given = Choices(**{"device": "cnc-0007", **choices})  # type: ignore[arg-type]
    return read_bytes(text.encode(), "m.csv", given, plant_zone=PLANT_ZONE.key)


def found(content: Content, what: str) -> tuple[str | None, str]:
    return next((each.value, each.why) for each in content.findings if each.what == what)


def by_day(content: Content) -> list[tuple[float | None, ...]]:
    (parts,) = content.parts.values()
    return [day.parts for day in days_of("cnc-0007", None, PLANT_ZONE, "batch", parts=parts)]


def shift(days: int, *, working: int = 12) -> list[int]:
    """Parts of each quarter hour: about a dozen from 6 to 14, none otherwise."""
    return [working - i % 3 if 24 <= i % 96 < 56 else 0 for i in range(96 * days)]


def counter(made: Sequence[int], *, begun: int = 0, reset_every: int = 0) -> list[int]:
    """What a counter shows at the end of each interval; set back every so many."""
    shown, sum_of = [], begun
    for i, each in enumerate(made):
        sum_of = each if reset_every and i % reset_every == 0 else sum_of + each
        shown.append(sum_of)
    return shown


def test_parts_of_intervals_are_shown_with_their_reasons() -> None:
    content = read(counts(starts(MONDAY, 1), shift(1), heading="Zeit;Stückzahl"))
    assert found(content, "parts") == ("Stückzahl", "the heading says that it counts parts")
    assert found(content, "parts_values")[0] == "interval"
    assert content.parts["cnc-0007"].total == sum(shift(1))
    assert (content.signals, content.energy) == ({}, {})
    assert by_day(content) == [tuple(map(float, shift(1)))]


@pytest.mark.parametrize("day", [CLOCKS_BACK, CLOCKS_FORWARD])
def test_a_day_of_a_clock_change_has_its_parts_once(day: object) -> None:
    moments = starts(day, 1)  # type: ignore[arg-type]
    content = read(counts(moments, range(len(moments)), written="%Y-%m-%d %H:%M"), parts_values="interval")
    assert by_day(content) == [tuple(map(float, range(len(moments))))]


def test_parts_of_rows_that_bear_their_end_belong_before_it() -> None:
    moments = [at + QUARTER for at in starts(MONDAY, 1)]
    content = read(counts(moments, shift(1), written="%Y-%m-%dT%H:%M%z"))
    assert found(content, "labels")[0] == "end"
    assert by_day(content) == [tuple(map(float, shift(1)))]


@pytest.mark.parametrize("reset_every", [0, 32, 96])
def test_a_counter_counts_what_it_rises_by_also_when_a_shift_sets_it_back(reset_every: int) -> None:
    """Set back to zero it started again: what it shows then was made since."""
    made = [11 + i % 3 for i in range(96 * 4)]
    shown = counter(made, begun=48_211, reset_every=reset_every)
    content = read(counts([at + QUARTER for at in starts(MONDAY, 4)], shown, heading="time;PartCount"))
    kind, why = found(content, "parts_values")
    assert (kind, "are reset" in why) == ("register", bool(reset_every))
    assert content.parts["cnc-0007"].total == sum(made[1:]), "before its first value, nothing is known"


def test_a_counter_beside_energy_is_not_moved_by_its_labels() -> None:
    """Rows bear the end of an interval of energy; the counter was read at that time."""
    made = [11 + i % 3 for i in range(96)]
    shown = counter(made, begun=1000)
    ends = [at + QUARTER for at in starts(MONDAY, 1)]
    rows = [f"{at:%Y-%m-%dT%H:%M}Z;{0.2 + i % 5};{shown[i]}" for i, at in enumerate(ends)]
    content = read(lines("Time;Consumption [kWh];Parts", *rows), labels="end")
    assert by_day(content) == [(None, *map(float, made[1:]))]
    assert content.energy["cnc-0007"].end_ms[0] == ends[0].timestamp() * 1000


def test_a_row_a_day_may_hold_parts() -> None:
    headings = [f"{i // 4:02d}:{i % 4 * 15:02d}" for i in range(96)]
    cells = [str(each) for each in shift(1)]
    content = read(wide(headings, [(f"{MONDAY:%Y-%m-%d}", cells)], first="Datum"), parts="parts", zone=PLANT_ZONE.key)
    assert content.parts["cnc-0007"].total == sum(shift(1))
    table = lines(";".join(["Datum", "Einheit", *headings]), ";".join([f"{MONDAY:%Y-%m-%d}", "Stk", *cells]))
    assert read(table, zone=PLANT_ZONE.key).parts["cnc-0007"].total == sum(shift(1))


def test_a_long_table_says_it_in_its_rows() -> None:
    rows = [f"{at:%Y-%m-%dT%H:%M}Z;cnc-{n};{i + n}" for i, at in enumerate(starts(MONDAY, 1)) for n in (1, 2)]
    content = read_bytes(
        lines("Time;Machine;Parts [pcs]", *rows).encode(), "m.csv", Choices(parts_values="interval"),
        plant_zone=PLANT_ZONE.key,
    )  # fmt: skip
    assert {name: parts.total for name, parts in content.parts.items()} == {"cnc-1": 96 * 97 / 2, "cnc-2": 96 * 99 / 2}


@pytest.mark.parametrize(
    ("heading", "counted"),
    [
        ("Stück", True), ("Stückzahl", True), ("Menge [Stk]", True), ("Good parts", True), ("PartCount", True),
        ("part_count", True), ("Pieces produced", True), ("parts", True), ("Quantity (pcs)", True), ("Gutteile", True),
        ("Part number", False), ("Spare parts", False), ("particles", False), ("Count", False), ("Energy [kWh]", False),
        ("Parts temperature", False), ("kWh/Stück", False),
    ],
)  # fmt: skip
def test_only_a_heading_that_says_so_counts_parts(heading: str, counted: bool) -> None:
    assert counts_parts(heading) is counted


def test_what_is_not_proved_is_asked() -> None:
    """Good parts and scrap; a constant count, which may be either."""
    rows = [f"{at:%Y-%m-%dT%H:%M}Z;{i % 7};{i % 5}" for i, at in enumerate(starts(MONDAY, 1))]
    both = lines("Time;Good parts;Total parts", *rows)
    with pytest.raises(NotProved, match=r"several columns count parts.*--parts"):
        read(both)
    assert read(both, parts="Good parts", parts_values="interval", labels="begin").parts["cnc-0007"].total == sum(
        i % 7 for i in range(96)
    )
    assert list(read(both, parts="").signals["cnc-0007"].values) == ["good_parts", "total_parts"]
    with pytest.raises(NotProved, match=r"nothing shows whether.*--parts-values interval"):
        read(counts(starts(MONDAY, 1), [12] * 96))
    with pytest.raises(NotProved, match="there is no column 'x'"):
        read(both, parts="x")


def test_what_no_machine_makes_is_not_known() -> None:
    content = read(counts(starts(MONDAY, 1), [-1, *range(95)]), parts_values="interval")
    assert content.parts["cnc-0007"].total == sum(range(95))
    assert np.isnan(content.parts["cnc-0007"].count[0])
    leap = counter([10] * 40, begun=100) + counter([10] * 40, begun=9_000_000)
    content = read(counts(starts(MONDAY, 1), leap), parts_values="register")
    assert content.parts["cnc-0007"].total == 10 * 78
    assert ("cells", "1") in {(each.what, each.value) for each in content.findings}


def test_a_counter_of_rejected_parts_that_a_row_leaves_out_stands_where_it_stood() -> None:
    """Else the sum of good and rejected parts would fall by all rejected ones, as if the counter started again."""
    rejected = ["" if n in {0, 5, 8} else f"{500 + n // 2}" for n in range(12)]
    rows = [f"{at:%Y-%m-%dT%H:%MZ},{9000 + 40 * n},{rejected[n]}" for n, at in enumerate(starts(MONDAY, 1)[:12])]
    content = read("\n".join(["time,good parts,scrap", *rows]), parts_values="register")
    parts = content.parts["cnc-0007"]
    assert parts.total == pytest.approx(40.0 * 11 + 5.0)
    assert parts.scrap is not None
    assert parts.scrap.sum() == pytest.approx(5.0)
