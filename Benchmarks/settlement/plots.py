from pathlib import Path

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams["svg.hashsalt"] = "benchmarks"
from matplotlib import pyplot

from .curve import Curve
from .throughput import Result, median

OURS, THEIRS = "#1f6feb", "#b0b8c4"


def plot(results: list[Result], curves: list[Curve], path: Path) -> None:
    """Transfers per second beside PostgreSQL's; cost and memory while ledgers fill."""
    figure, (rates, costs, memory) = pyplot.subplots(1, 3, figsize=(16, 4.5), layout="constrained")
    for offset, color, label, name in ((-0.2, OURS, "ours", "ours"), (0.2, THEIRS, "PostgreSQL 15", "theirs")):
        values = [median(getattr(result, name), "rate") for result in results]
        rates.barh([index + offset for index in range(len(results))], values, 0.38, color=color, label=label)
    rates.set_yticks(range(len(results)), [result.title for result in results], fontsize=8)
    rates.invert_yaxis()
    rates.set_xscale("log")
    rates.set_title("transfers per second (more is better)", fontsize=10)
    rates.legend(loc="lower right")
    for curve in curves:
        totals = [total / 1e6 for total, _ in curve.points]
        label = f"{curve.accounts:,} accounts"
        costs.plot(totals, [sample.seconds * 1e6 / sample.transfers for _, sample in curve.points], label=f"{label}, elapsed")
        costs.plot(totals, [sample.server_microseconds for _, sample in curve.points], "--", label=f"{label}, server CPU")
        memory.plot(totals, [sample.resident_bytes / 2**20 for _, sample in curve.points], label=label)
    for axis, title in ((costs, "µs per transfer, 8,000 per call"), (memory, "memory of settlement, MiB")):
        axis.set_title(title, fontsize=10)
        axis.set_xlabel("million transfers in the ledger")
        axis.set_ylim(bottom=0)
        axis.grid(alpha=0.3)
        axis.legend(fontsize=8)
    figure.savefig(path, metadata={"Date": None})
