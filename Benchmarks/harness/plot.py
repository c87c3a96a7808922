import statistics
from pathlib import Path

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams["svg.hashsalt"] = "benchmarks"
from matplotlib import pyplot


def plot(results: list, path: Path) -> None:
    """Bars of CPU per message and of messages per second, ours beside gRPC C++'s, with the range of the runs."""
    titles = [load.title for load, *_ in results]
    figure, axes = pyplot.subplots(1, 2, figsize=(12, 0.45 * len(titles) + 1.5), sharey=True, layout="constrained")
    for axis, name, title in (
        (axes[0], "cpu_microseconds", "server CPU per message, µs (less is better)"),
        (axes[1], "rate", "messages per second (more is better)"),
    ):
        for offset, color, label, index in ((-0.2, "#1f6feb", "ours", 1), (0.2, "#b0b8c4", "gRPC C++ 1.51", 2)):
            _bars(axis, [[getattr(sample, name) for sample in result[index]] for result in results], offset, color, label)
        axis.set_xscale("log")
        axis.set_title(title, fontsize=10)
        axis.grid(axis="x", alpha=0.3)
    axes[0].set_yticks(range(len(titles)), titles)
    axes[0].invert_yaxis()
    axes[0].legend(loc="lower right")
    figure.savefig(path, metadata={"Date": None})


def _bars(axis, samples: list[list[float]], offset: float, color: str, label: str) -> None:
    medians = [statistics.median(values) for values in samples]
    ranges = [[middle - min(values) for middle, values in zip(medians, samples)],
              [max(values) - middle for middle, values in zip(medians, samples)]]
    axis.barh([index + offset for index in range(len(samples))], medians, 0.38, xerr=ranges, color=color, label=label,
              error_kw={"elinewidth": 0.8})
