"""High-rate vibration, one file per moment of recording, as features per file: names are `channel_feature`.

For each channel, without its mean: `rms`, `kurtosis` (3 for noise, more for impacts: Dyer and Stewart, 1978), `crest`
(peak over RMS), and `band_LOW_HIGH`: the mean square between two frequencies in Hz. All bands add up to the square of
the RMS (Parseval).
"""

import fnmatch
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path, PurePath
from typing import Final, NamedTuple

import msgspec
import numpy as np

from energytrack.importer.cells.columns import MOST_SIGNALS, kind_of_cells
from energytrack.importer.cells.headings import listed
from energytrack.importer.cells.layout import TextTable, separator_of, sheet_of
from energytrack.importer.cells.numerals import numbers
from energytrack.importer.cells.signs import decimal_sign
from energytrack.importer.cells.text import text_of
from energytrack.importer.cells.units import distinct, identifier, signal_name
from energytrack.importer.choices import Choices, FileFinding, NotProved, UnreadableFile, check
from energytrack.importer.content import Content, Floats, Ints, Signals
from energytrack.importer.values.zones import in_utc

LEAST_ROWS: Final = 256
"""Fewer values say nothing about frequencies."""
OCTAVES: Final = (0.0, 0.125, 0.25, 0.5, 1.0)
"""The bands, as shares of half the sampling rate."""
LONGEST_NAME: Final = 40
"""The longest name of a channel; the name of a feature follows it."""
MOST_DECIMALS: Final = 20
_MOMENT: Final = re.compile(
    r"(?P<Y>(?:19|20)\d{2})[._-]?(?P<m>[01]\d)[._-]?(?P<d>[0-3]\d)[T._ -]?(?P<H>[0-2]\d)[._:-]?(?P<M>[0-5]\d)"
    r"(?:[._:-]?(?P<S>[0-5]\d))?(?P<zone>Z)?(?!\d)"
)
Progress = Callable[[float], None]


class Sampling(NamedTuple):
    """How the files were recorded."""

    rate_hz: float
    starts: datetime | None = None
    """When the first of numbered files was recorded; aware."""
    every_seconds: float | None = None
    """The time from one numbered file to the next."""


class SampledFile(NamedTuple):
    """One file of vibration, read when it is needed."""

    name: str
    read: Callable[[], bytes]
    """Raises UnreadableFile."""

    @property
    def stem(self) -> str:
        """Its name without the ending."""
        return PurePath(self.name).stem


def features_of(values: Floats, rate_hz: float) -> Mapping[str, float]:
    """The features of one channel; NaN if its values do not determine them."""
    names = band_names(rate_hz)
    if len(values) < LEAST_ROWS or not np.isfinite(values).all():
        return dict.fromkeys(("rms", "kurtosis", "crest", *names), float("nan"))
    swing = values - values.mean()
    square = float(np.mean(swing**2))
    power = np.abs(np.fft.rfft(swing)) ** 2 / len(swing) ** 2
    power[1 : None if len(swing) % 2 else -1] *= 2.0
    share = np.fft.rfftfreq(len(swing), 0.5)
    bands = [float(power[(share > low) & (share <= high)].sum()) for low, high in _bands()]
    still = square <= (1e-9 * float(np.abs(values).max())) ** 2
    impulses = (float("nan"),) * 2 if still else (
        float(np.mean(swing**4)) / square**2, float(np.abs(swing).max()) / square**0.5,
    )  # fmt: skip
    return dict(zip(("rms", "kurtosis", "crest", *names), (square**0.5, *impulses, *bands), strict=True))


def band_names(rate_hz: float) -> tuple[str, ...]:
    """`band_LOW_HIGH` in Hz, with as many decimals as it takes to tell the bands apart: `band_0p06_0p12` at 1 Hz."""
    bounds = [share * rate_hz / 2 for share in OCTAVES]
    decimals = next(n for n in range(MOST_DECIMALS) if len({round(each, n) for each in bounds}) == len(bounds))
    written = [f"{each:.{decimals}f}".replace(".", "p") for each in bounds]
    return tuple(f"band_{low}_{high}" for low, high in pairwise(written))


def vibration_of(
    paths: Sequence[Path], sampling: Sampling, choices: Choices, *, plant_zone: str, progress: Progress = lambda _: None
) -> Content:
    """The features of files, oldest first, with each folder as a machine; raises NotProved or UnreadableFile."""
    found = [each for path in paths for each in (sorted(path.iterdir()) if path.is_dir() else [path])]
    found = [each for each in found if each.is_file() and not each.name.startswith(".")]
    if not found:
        raise UnreadableFile(str(paths[0]), "it holds no files")
    folders: dict[Path, list[SampledFile]] = {}
    for each in found:
        folders.setdefault(each.resolve().parent, []).append(SampledFile(each.name, partial(_bytes, each)))
    if len(folders) > 1 and choices.device is not None:
        raise UnreadableFile(str(paths[0]), f"each of its {len(folders)} folders is a machine: --device names only one")
    machines: list[Content] = []
    before = 0
    for folder, files in folders.items():
        made = vibration_in(
            files, folder.name, sampling, choices, plant_zone=plant_zone,
            progress=partial(_of_all, progress, before, len(files), len(found)),
        )  # fmt: skip
        if made.machines[0] in {known.machines[0] for known in machines}:
            raise UnreadableFile(str(folder), f"another folder is the machine {made.machines[0]!r}, too: rename one")
        machines.append(made)
        before += len(files)
    return machines[0] if len(machines) == 1 else _together(machines)


def _of_all(progress: Progress, before: int, own: int, files: int, done: float) -> None:
    progress((before + own * done) / files)


def _together(machines: Sequence[Content]) -> Content:
    """Several machines as one content; equal findings are listed once."""
    findings = dict.fromkeys(finding for each in machines for finding in each.findings)
    return Content(
        machines[0].name,
        signals={machine: signals for each in machines for machine, signals in each.signals.items()},
        findings=tuple(findings),
        rows=sum(each.rows for each in machines),
        samples=machines[0].samples,
    )


def vibration_in(
    files: Sequence[SampledFile], folder: str, sampling: Sampling, choices: Choices, *, plant_zone: str,
    progress: Progress = lambda _: None,
) -> Content:  # fmt: skip
    """The same for files from any source; the machine is named like their folder unless the choices name it."""
    check(choices)
    at_ms, findings = _times(files, sampling, choices, plant_zone)
    order = np.argsort(at_ms, kind="stable")
    made: list[Mapping[str, float]] = []
    lengths: list[int] = []
    samples: tuple[tuple[str, ...], ...] = ()
    channels: Mapping[int, str] = {}
    first: TextTable | None = None
    for done, index in enumerate(order.tolist(), 1):
        sheet = _sheet(files[index], choices)
        if first is None:
            first = sheet
            decimal = decimal_sign([sheet.cells[i] for i in sheet.cells], choices, separator=separator_of(sheet))
            choices = msgspec.structs.replace(choices, decimal=decimal.value, separator=separator_of(sheet))
            channels, finding = _channels(sheet, choices, sampling.rate_hz)
            findings += [*sheet.findings, decimal, *finding]
            samples = (sheet.headings, *(tuple(map(str, row)) for row in sheet.cells.head(4).itertuples(index=False)))
        elif sheet.cells.shape[1] != first.cells.shape[1]:
            raise UnreadableFile(
                files[index].name,
                f"it has {sheet.cells.shape[1]} columns, {files[order[0]].name} {first.cells.shape[1]}",
            )
        lengths.append(len(sheet.cells))
        made.append({
            f"{channel}_{name}": value
            for i, channel in channels.items()
            for name, value in features_of(numbers(sheet.cells[i], choices.decimal or ".")[0], sampling.rate_hz).items()
        })  # fmt: skip
        progress(done / len(files))
    values = {name: np.array([each[name] for each in made]) for name in made[0]}
    usual = float(np.median(lengths))
    for i, length in enumerate(lengths):
        if length < 0.5 * usual:
            for column in values.values():
                column[i] = np.nan
    findings += _unknown(values, lengths, usual)
    machine = choices.device or choices.devices.get(folder) or identifier(folder)
    name = files[0].name if len(files) == 1 else folder
    signals = {machine: Signals(at_ms[order], values)}
    return Content(name, signals=signals, findings=tuple(findings), rows=sum(lengths), samples=samples)


def _times(
    files: Sequence[SampledFile], sampling: Sampling, choices: Choices, zone: str
) -> tuple[Ints, list[FileFinding]]:
    named = [_MOMENT.search(file.name) for file in files]
    if sampling.starts is None and all(named):
        parts = [match.groupdict() for match in named if match]
        texts = [f"{p['Y']}-{p['m']}-{p['d']}T{p['H']}:{p['M']}:{p['S'] or '00'}" for p in parts]
        try:
            local = np.array(texts, dtype="datetime64[ms]").astype(np.int64)
        except ValueError as error:
            raise UnreadableFile(files[0].name, f"its name contains no time: {error}") from error
        findings = [FileFinding("time", "file names", f"{files[0].name} bears {texts[0].replace('T', ' ')}")]
        if all(p["zone"] for p in parts):
            at_ms = local
        else:
            nothing = np.zeros(len(local), dtype=np.bool_)
            order = np.argsort(local, kind="stable")
            series = np.zeros(len(local), dtype=np.int64)
            utc = in_utc(local[order], series, nothing, choices, plant_zone=zone, labels_end=False)
            at_ms = np.empty_like(local)
            at_ms[order] = utc.ms
            findings += utc.findings
    else:
        at_ms, findings = _numbered(files, sampling)
    if len(np.unique(at_ms)) < len(at_ms):
        raise UnreadableFile(files[0].name, "several files have the same time or number")
    return at_ms, findings


def _numbered(files: Sequence[SampledFile], sampling: Sampling) -> tuple[Ints, list[FileFinding]]:
    numbered = [re.findall(r"\d+", file.stem) for file in files]
    if not all(numbered):
        nameless = files[[bool(each) for each in numbered].index(False)].name
        raise UnreadableFile(nameless, "its name contains neither a time nor a number")
    if sampling.starts is None or sampling.every_seconds is None:
        raise UnreadableFile(files[0].name, "its name contains no time: say --starts 2026-10-01T06:00Z and --every 10")
    places = [int(each[-1]) for each in numbered]
    first, last = min(places), max(places)
    try:
        sampling.starts + timedelta(seconds=(last - first) * sampling.every_seconds)
    except OverflowError as error:
        farthest = files[places.index(last)].name
        raise UnreadableFile(farthest, f"its number is too far from the first one, {first}") from error
    steps = np.array([place - first for place in places], dtype=np.int64) * round(sampling.every_seconds * 1000)
    why = f"{files[places.index(first)].name} is the first, then one every {sampling.every_seconds:g} s, as given"
    return round(sampling.starts.timestamp() * 1000) + steps, [FileFinding("time", "numbers of files", why)]


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnreadableFile(path.name, f"it cannot be read: {error.strerror}") from error


def _sheet(file: SampledFile, choices: Choices) -> TextTable:
    sheet = sheet_of(text_of(file.read(), choices, file.name)[0], choices, file.name)
    if len(sheet.cells) == 0:
        raise UnreadableFile(file.name, "it holds no values")
    return sheet


def _channels(sheet: TextTable, choices: Choices, rate_hz: float) -> tuple[Mapping[int, str], list[FileFinding]]:
    """The columns that are channels, each with the first part of its features' names, and the findings."""
    kept: list[int] = []
    findings: list[FileFinding] = []
    for i, heading in enumerate(sheet.headings):
        if choices.signals.get(heading) == "" or not fnmatch.fnmatch(heading, choices.columns or "*"):
            continue
        if kind_of_cells(sheet.cells[i], heading) != "number":
            findings.append(FileFinding("unused", heading, "its cells are no numbers"))
            continue
        steps = np.diff(numbers(sheet.cells[i], choices.decimal or ".")[0])
        if len(steps) > 1 and (steps > 0).all() and np.ptp(steps) <= 0.1 * steps.mean():
            step = float(steps.mean())
            if re.search(r"\[?\bs(ec(onds)?)?\b\]?", heading, re.I) and abs(step * rate_hz - 1.0) > 0.01:
                raise UnreadableFile(
                    heading, f"rows are {step:g} s apart, which is {1 / step:,.0f} Hz, not {rate_hz:g}"
                )
            findings.append(FileFinding("unused", heading, "it rises evenly: it counts rows or time"))
            continue
        kept.append(i)
    if not kept:
        raise NotProved("columns", f"no column has vibration; the columns are {listed(sheet.headings)}")
    most = MOST_SIGNALS // (3 + len(OCTAVES) - 1)
    if len(kept) > most:
        raise NotProved("columns", f"{len(kept)} channels are more than the {most} whose features fit in a reading")
    channels: dict[int, str] = {}
    for i in kept:
        heading = sheet.headings[i]
        name = choices.signals.get(heading) or signal_name(heading)
        channels[i] = distinct(name, set(channels.values()), longest=LONGEST_NAME)
    names = ", ".join(f"{sheet.headings[i]!r} is {name}" for i, name in channels.items())
    features = ", ".join(f"_{name}" for name in features_of(np.zeros(0), rate_hz))
    return channels, [*findings, FileFinding("signals", str(len(kept)), f"{names}; with {features}")]


def _unknown(values: Mapping[str, Floats], lengths: Sequence[int], usual: float) -> list[FileFinding]:
    findings = []
    short = sum(length < 0.5 * usual for length in lengths)
    if short:
        findings.append(
            FileFinding("cells", str(short), f"files with less than half of the usual {usual:,.0f} rows: unknown")
        )
    for name, column in values.items():
        if name.endswith("_rms") and (lost := int(np.isnan(column).sum()) - short) > 0:
            why = f"files in which {name.removesuffix('_rms')} has cells that are not numbers, or too few: unknown"
            findings.append(FileFinding("cells", str(lost), why))
    return findings


def _bands() -> list[tuple[float, float]]:
    return list(pairwise(OCTAVES))
