from pathlib import Path

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams["svg.hashsalt"] = "benchmarks"
from matplotlib import pyplot

from .log import Load, Sample


def plot(results: list[tuple[Load, Sample]], curve: list[tuple[int, Sample]], path: Path) -> None:
    """Appends per second by load; cost while the log grows."""
    figure, (rates, costs) = pyplot.subplots(1, 2, figsize=(13, 4), layout="constrained")
    rates.barh([load.title for load, _ in results], [sample.rate for _, sample in results], color="#1f6feb")
    rates.invert_yaxis()
    rates.set_title("appends per second", fontsize=10)
    sizes = [size / 1e6 for size, _ in curve]
    costs.plot(sizes, [sample.seconds * 1e6 / sample.items for _, sample in curve], label="elapsed")
    costs.plot(sizes, [sample.server_microseconds for _, sample in curve], "--", label="server CPU")
    costs.set_title("µs per append, bare events in batches", fontsize=10)
    costs.set_xlabel("million entries in the log")
    costs.set_ylim(bottom=0)
    costs.legend()
    for axis in (rates, costs):
        axis.grid(alpha=0.3)
    figure.savefig(path, metadata={"Date": None})
