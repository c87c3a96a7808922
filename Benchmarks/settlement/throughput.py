"""Transfers per second and what each costs: one per call and 8,000 per call, on many accounts and on four; ours and
PostgreSQL in turn, so that what else the machine does meets both."""
import statistics
import sys
from dataclasses import dataclass, replace

from harness.report import table

from .ledger import Ledger, Load, Sample
from .postgresql import PostgreSQL, best_postgresql
from .postgresql import lasting as lasting_postgresql

SINGLE_SHAPES = [Load(1, connections, 256 // connections) for connections in (4, 16, 64)]
BATCH_SHAPES = [Load(8_000, connections, 1) for connections in (1, 2, 4)]
MANY = 10_000
HOT = 4
# As issue 4 states them, measured on a machine of this kind; TigerBeetle 0.17 is not part of this run.
QUOTED_TIGERBEETLE = {(1, MANY): "11,300", (8_000, MANY): "255,000–312,000"}


@dataclass
class Result:
    """Runs of one load on so many accounts; PostgreSQL has no holds, so `theirs` may be empty."""

    load: Load
    accounts: int
    ours: list[Sample]
    theirs: list[Sample]

    @property
    def title(self) -> str:
        kind = ", holds and captures" if self.load.two_phase else ""
        return f"{self.load.batch:,} per call, {self.accounts:,} accounts{kind}"


def measure_throughput(ledger: Ledger, postgresql: PostgreSQL, options) -> tuple[list[Result], str]:
    accounts = {count: ledger.open_accounts(count, options.seed + count) for count in (MANY, HOT)}
    their_accounts = {count: postgresql.open_accounts(count, options.seed + count) for count in (MANY, HOT)}
    single, tried_single = best(ledger, SINGLE_SHAPES, accounts[MANY], options)
    batched, tried_batched = best(ledger, BATCH_SHAPES, accounts[MANY], options)
    theirs, tried_theirs = best_postgresql(postgresql, their_accounts[MANY], options)
    results = [Result(load, count, [], []) for load in (single, batched) for count in (MANY, HOT)]
    results += [Result(replace(load, two_phase=True), MANY, [], []) for load in (single, batched)]
    for result in results:
        for _ in range(options.rounds):
            result.ours.append(lasting(ledger, result.load, accounts[result.accounts], options))
            if result.load.two_phase:
                continue
            load, tls = theirs[result.load.batch]
            result.theirs.append(
                lasting_postgresql(postgresql, load, their_accounts[result.accounts], options, tls=tls))
        print(".", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return results, describe(results, f"{tried_single}; {tried_batched}", theirs, tried_theirs)


def describe(results: list[Result], tried: str, theirs: dict, tried_theirs: str) -> str:
    shapes = "; ".join(
        f"{batch:,} per call on {load.connections} × {load.streams} over {'TLS' if tls else 'a Unix socket'}"
        for batch, (load, tls) in theirs.items())
    header = ["load", "in flight", "ours/s", "PostgreSQL/s", "ratio", "TigerBeetle/s (quoted)", "server CPU µs, ours / PG",
              "client CPU µs, ours / PG", "p50 ms, ours / PG", "p99 ms, ours / PG"]
    return (
        "## Transfers per second\n\n" + table(header, [row(result) for result in results])
        + f"\nConnections × calls in flight on each. Ours, tried: {tried}. PostgreSQL runs {shapes}; tried: {tried_theirs}. "
        "PostgreSQL's batches are in sets and stand or fall as a whole; it keeps no history, no journal and no audit "
        "trail. TigerBeetle's figures are those of issue 4, not of this run.\n")


def row(result: Result) -> list[str]:
    def pair(name: str, scale: float, digits: int) -> str:
        ours, theirs = median(result.ours, name), median(result.theirs, name)
        return f"{ours / scale:,.{digits}f}" + (f" / {theirs / scale:,.{digits}f}" if result.theirs else "")

    ours, theirs = median(result.ours, "rate"), median(result.theirs, "rate")
    quoted = "" if result.load.two_phase else QUOTED_TIGERBEETLE.get((result.load.batch, result.accounts), "")
    return [result.title, f"{result.load.connections} × {result.load.streams}", f"**{ours:,.0f}**",
            f"{theirs:,.0f}" if theirs else "", f"**{ours / theirs:.1f}**" if theirs else "", quoted,
            pair("server_microseconds", 1, 2), pair("client_microseconds", 1, 2), pair("p50", 1e3, 1),
            pair("p99", 1e3, 1)]


def median(samples: list[Sample], name: str) -> float:
    return statistics.median(getattr(sample, name) for sample in samples) if samples else 0


def best(ledger: Ledger, shapes: list[Load], accounts: list[str], options) -> tuple[Load, str]:
    """The number of connections that so many calls in flight go fastest on, and what was tried."""
    candidates = shapes[:1] if options.smoke else shapes
    rates = {shape: lasting(ledger, shape, accounts, options).rate for shape in candidates}
    tried = f"{shapes[0].batch:,} per call: " + ", ".join(
        f"{shape.connections} × {shape.streams} {rate:,.0f}/s" for shape, rate in rates.items())
    print(tried, file=sys.stderr)
    return max(rates, key=rates.get), tried


def lasting(ledger: Ledger, load: Load, accounts: list[str], options) -> Sample:
    """A run of about so many seconds, whose length a short one tells."""
    def seed() -> int:
        return options.seed + 1_000_003 * ledger.transfers

    least = load.in_flight * load.batch * 2
    pilot = ledger.run(load, accounts, least, seed=seed())
    count = max(least, int(pilot.rate * options.seconds) // load.batch * load.batch)
    return ledger.run(load, accounts, count, seed=seed())
