"""Transfers per second and what each costs: one per call and 8,000 per call, on many accounts and on four."""
import statistics
import sys

from harness.report import table

from .ledger import Ledger, Load, Sample

SINGLE_SHAPES = [Load(1, connections, 256 // connections) for connections in (4, 16, 64, 256)]
BATCH_SHAPES = [Load(8_000, connections, 1) for connections in (1, 2, 4)]
HEADER = ["load", "transfers/s", "server CPU µs", "client CPU µs", "p50 ms", "p99 ms"]
MANY = 10_000
HOT = 4


def measure_throughput(ledger: Ledger, options) -> str:
    many = ledger.open_accounts(MANY, options.seed)
    hot = ledger.open_accounts(HOT, options.seed + 1)
    single = best(ledger, SINGLE_SHAPES, many, options)
    batched = best(ledger, BATCH_SHAPES, many, options)
    rows = []
    for title, load in (("1 per call", single), ("8,000 per call", batched),
                        ("1 per call, two-phase", two_phase(single)), ("8,000 per call, two-phase", two_phase(batched))):
        samples: dict[str, list[Sample]] = {"10,000 accounts": [], "4 accounts": []}
        for round in range(options.rounds):
            # In turn, so that what else the machine does meets both.
            for name, accounts in zip(samples, (many, hot)):
                samples[name].append(lasting(ledger, load, accounts, options, round))
        for name, measured in samples.items():
            rows.append([f"{title}, {name}, {load.connections} × {load.streams} in flight", *cells(measured)])
    return "## Transfers through gRPC over mutual TLS\n\n" + table(HEADER, rows)


def two_phase(load: Load) -> Load:
    return Load(load.batch, load.connections, load.streams, two_phase=True)


def best(ledger: Ledger, shapes: list[Load], accounts: list[str], options) -> Load:
    """The number of connections that so many calls in flight go fastest on."""
    rates = {shape: lasting(ledger, shape, accounts, options, 100).rate for shape in shapes}
    listed = ", ".join(f"{shape.connections} × {shape.streams}: {rate:,.0f}/s" for shape, rate in rates.items())
    print(f"{shapes[0].batch} per call: {listed}", file=sys.stderr)
    return max(rates, key=rates.get)


def lasting(ledger: Ledger, load: Load, accounts: list[str], options, round: int) -> Sample:
    """A run of about so many seconds, whose length a short one tells."""
    least = load.in_flight * load.batch * 2
    pilot = ledger.run(load, accounts, least, seed=options.seed + 1_000_003 * ledger.transfers)
    count = max(least, int(pilot.rate * options.seconds) // load.batch * load.batch)
    return ledger.run(load, accounts, count, seed=options.seed + 1_000_003 * ledger.transfers)


def cells(samples: list[Sample]) -> list[str]:
    def median(name: str) -> float:
        return statistics.median(getattr(sample, name) for sample in samples)

    return [f"**{median('rate'):,.0f}**", f"{median('server_microseconds'):.2f}", f"{median('client_microseconds'):.2f}",
            f"{median('p50') / 1e3:,.1f}", f"{median('p99') / 1e3:,.1f}"]
