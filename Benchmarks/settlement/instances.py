"""What several instances of settlement do at once, against one of them with the others idle, on processors that all of
them, the other services and the load generators share. Several use what one leaves idle; where one leaves nothing, the
figure says what partitions cost rather than what they bring."""
import os
import statistics
import sys
import threading
import time
from dataclasses import dataclass, field

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


def measure_instances(ledgers: list[Ledger], options) -> str:
    accounts = [ledger.open_accounts(MANY, options.seed + index) for index, ledger in enumerate(ledgers)]
    results = [Together(load) for load in LOADS]
    for result in results:
        least = result.load.in_flight * result.load.batch * 2
        pilot = ledgers[0].run(result.load, accounts[0], least, options.seed).rate
        count = max(least, int(pilot * options.seconds) // result.load.batch * result.load.batch)
        for turn in range(options.rounds):
            alone = turn % len(ledgers)
            result.alone.append(
                ledgers[alone].run(result.load, accounts[alone], count, options.seed + ledgers[alone].transfers))
            samples, rate = _at_once(ledgers, accounts, result.load, max(least, count // len(ledgers)), options)
            result.samples += samples
            result.rates.append(rate)
            print(".", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return describe(results, len(ledgers), options)


def _at_once(
        ledgers: list[Ledger], accounts: list[list[str]], load: Load, count: int, options) -> tuple[list[Sample], float]:
    """So many transfers on each, all begun together; and how many a second that is until the last has ended."""
    samples: list[Sample | None] = [None] * len(ledgers)

    def run(index: int) -> None:
        ledger = ledgers[index]
        samples[index] = ledger.run(load, accounts[index], count, options.seed + ledger.transfers)

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(ledgers))]
    start = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.monotonic() - start
    finished = [sample for sample in samples if sample]
    if len(finished) != len(ledgers):
        raise RuntimeError("a load failed")
    return finished, sum(sample.transfers for sample in finished) / seconds


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
        + f"\n{count} instances with {MANY:,} accounts each and a load generator each, beside identity, catalog and audit, "
        f"all on the same {os.cpu_count()} processors: one instance with its load generator has them to itself, {count} share "
        "them. The ratio is of this machine; it says nothing of instances on machines of their own.\n")


def _cost(samples: list[Sample]) -> float:
    return statistics.median(sample.server_microseconds for sample in samples)


def _slow(samples: list[Sample]) -> float:
    return statistics.median(sample.p99 for sample in samples) / 1e3
