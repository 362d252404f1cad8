"""The pipeline's measurements as tables."""

from collections.abc import Sequence

from bench.pipeline.endtoend import RateResult
from bench.pipeline.stages import StageComparison
from bench.sheet import BenchTable

_LATENCIES = ("p50", "p95", "p99")


def pipeline(results: Sequence[RateResult]) -> tuple[BenchTable, BenchTable]:
    """The tables of messages and of their cost."""
    return _flow(results), _cost(results)


def stages(comparisons: Sequence[StageComparison], *, before: str) -> BenchTable:
    """Each stage compared with its bare loop, and with itself at the git revision `before`."""
    return BenchTable(
        "Each stage by itself",
        ("stage", "messages/s/core", "compared with", "its messages/s/core", "ratio", "before", "ratio to before"),
        tuple(map(_stage, comparisons)),
        note="Each service reads a filled topic until it is empty. It is compared with a bare loop of the same client "
        "(`bench/pipeline/bare.py`) on the same topic in the same run, or with a stream framework that does the same "
        "work. The ratio is our processor time divided by theirs: below 1, ours is faster. *Before* is the same stage "
        f"of `{before}`, in the same run; empty where it has none, or none that runs with today's settings.",
    )


def _stage(row: StageComparison) -> tuple[str, ...]:
    return (
        row.stage,
        f"{row.per_second:,.0f}",
        row.bare,
        f"{row.bare_per_second:,.0f}",
        f"{row.ratio:.2f}",
        "" if row.before_per_second is None else f"{row.before_per_second:,.0f}",
        "" if row.to_before is None else f"{row.to_before:.2f}",
    )


def _flow(results: Sequence[RateResult]) -> BenchTable:
    return BenchTable(
        "From reading to insight",
        (
            "devices", "readings/s", "produced", "scored", "stored (distinct)", "exported", "lost",
            *(f"{name} s" for name in _LATENCIES), "scrape s", "index",
        ),
        tuple(
            (
                f"{row.rate:,}", f"{row.produced_per_second:,.0f}", f"{row.produced:,}", f"{row.scored:,}",
                f"{row.stored_distinct:,}", f"{row.exported:,}", f"{row.lost:,}",
                *(f"{row.latency_seconds[name]:.2f}" for name in _LATENCIES), f"{row.scrape_seconds:.3f}",
                "yes" if row.indexed else "no",
            )
            for row in results
        ),
        note="Each machine sends one reading a second. p50, p95 and p99 are the latency from a reading's timestamp to "
        "its insight in Kafka. Counts are of the whole run, after the last message had arrived. Index: whether "
        "SecantusDB kept its index of readings (docs/decisions/indexes.md); plants of more than 1,000 machines should "
        "use a MongoDB server.",
    )  # fmt: skip


def _cost(results: Sequence[RateResult]) -> BenchTable:
    names = sorted({name for row in results for name in row.use})
    return BenchTable(
        "What each service uses: cores, MiB of memory",
        ("service", *(f"{row.rate:,}/s" for row in results)),
        (
            *((name, *(_use(row, name) for row in results)) for name in names),
            ("sum of cores", *(f"{sum(use.cores for use in row.use.values()):.2f}" for row in results)),
        ),
    )


def _use(row: RateResult, name: str) -> str:
    use = row.use.get(name)
    return f"{use.cores:.2f}, {use.memory_mib:,.0f}" if use else ""
