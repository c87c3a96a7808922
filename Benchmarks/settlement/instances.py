"""What several instances of settlement do at once, against one of them with the others idle. Each has its share of the
processors to itself, together with the load generator that drives it, as instances on machines of their own would; the disk,
identity, catalog and audit are everybody's."""
import os
import statistics
import sys
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from harness.report import table

from .ledger import Ledger, Load, Sample
from .throughput import MANY

LOADS = [Load(1, 4, 64), Load(8_000, 2, 1)]


@dataclass
class Together:
    """Runs of the same load on one instance, and on all at once: transfers per second of all, and their samples."""

    load: Load
    alone: list[Sample] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)


def processors(index: int, count: int) -> set[int]:
    """The share of one of so many instances."""
    available = sorted(os.sched_getaffinity(os.getpid()))
    share = max(1, len(available) // count)
    first = index * share % len(available)
    return set(available[first:first + share])


def _settle(pid: int, on: set[int]) -> None:
    """Moves a process that runs to these processors; threads that it starts later go with those that start them."""
    for task in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(task.name), on)


def measure_instances(ledgers: list[Ledger], options) -> str:
    for index, ledger in enumerate(ledgers):
        _settle(ledger.instance.pid, processors(index, len(ledgers)))
    accounts = [ledger.open_accounts(MANY, options.seed + index) for index, ledger in enumerate(ledgers)]
    results = [Together(load) for load in LOADS]
    for result in results:
        least = result.load.in_flight * result.load.batch * 2
        pilot = _at_once(ledgers, accounts, result.load, least, [0], options)[1]
        count = max(least, int(pilot * options.seconds) // result.load.batch * result.load.batch)
        for turn in range(options.rounds):
            alone = turn % len(ledgers)
            result.alone += _at_once(ledgers, accounts, result.load, count, [alone], options)[0]
            samples, rate = _at_once(ledgers, accounts, result.load, count, range(len(ledgers)), options)
            result.samples += samples
            result.rates.append(rate)
            print(".", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return describe(results, len(ledgers), options)


def _at_once(
        ledgers: list[Ledger], accounts: list[list[str]], load: Load, count: int, chosen: Iterable[int],
        options) -> tuple[list[Sample], float]:
    """So many transfers on each of the chosen, all begun together; and how many a second that is until the last has ended."""
    samples: list[Sample] = []

    def run(index: int) -> None:
        # Of this thread, and of the load generator that it starts.
        os.sched_setaffinity(0, processors(index, len(ledgers)))
        ledger = ledgers[index]
        samples.append(ledger.run(load, accounts[index], count, options.seed + ledger.transfers))

    threads = [threading.Thread(target=run, args=(index,)) for index in chosen]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(samples) != len(threads):
        raise RuntimeError("a load failed")
    return samples, sum(sample.transfers for sample in samples) / max(sample.seconds for sample in samples)


def describe(results: list[Together], count: int, options) -> str:
    rows = []
    for result in results:
        one = statistics.median(sample.rate for sample in result.alone)
        all_of_them = statistics.median(result.rates)
        rows.append([
            f"{result.load.batch:,} per call", f"{result.load.connections} × {result.load.streams}", f"{one:,.0f}",
            f"**{all_of_them:,.0f}**", f"**{all_of_them / one:.2f}**",
            f"{_cost(result.alone):.2f} / {_cost(result.samples):.2f}",
            f"{_slow(result.alone):.1f} / {_slow(result.samples):.1f}"])
    header = ["load on each", "in flight on each", "one, the others idle, /s", f"all {count} at once, /s", "ratio",
              "server CPU µs, one / all", "p99 ms, one / all"]
    return (
        f"## {count} instances\n\n" + table(header, rows)
        + f"\n{count} instances with {MANY:,} accounts each. Each is kept, with its load generator, to "
        f"{len(processors(0, count))} of {os.cpu_count()} processors, alone as well as at once; the disk, identity, catalog and "
        "audit are shared.\n")


def _cost(samples: list[Sample]) -> float:
    return statistics.median(sample.server_microseconds for sample in samples)


def _slow(samples: list[Sample]) -> float:
    return statistics.median(sample.p99 for sample in samples) / 1e3
