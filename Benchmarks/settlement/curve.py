"""Whether a transfer costs the same however many there are already, and whether memory stays bounded."""
import sys
from dataclasses import dataclass

from harness.report import table

from .ledger import Ledger, Load, Sample

LOAD = Load(8_000, 2, 1)
POINTS = 50


@dataclass
class Curve:
    """Samples while a ledger with so many accounts fills, each of so many transfers."""

    accounts: int
    idle_bytes: int
    samples: list[Sample]

    @property
    def points(self) -> list[tuple[int, Sample]]:
        total, points = 0, []
        for sample in self.samples:
            total += sample.transfers
            points.append((total, sample))
        return points


def measure_curve(ledger: Ledger, accounts: int, rows: int, options) -> Curve:
    """Fills an empty ledger to so many transfers, 8,000 per call."""
    idle = ledger.instance.resident_bytes()
    opened = ledger.open_accounts(accounts, options.seed + 77)
    every = max(LOAD.batch * 4, rows // POINTS // LOAD.batch * LOAD.batch)
    curve = Curve(accounts, idle, [])

    def note(sample: Sample) -> None:
        curve.samples.append(sample)
        print(f"\r{sum(one.transfers for one in curve.samples):,} of {rows:,}: {sample.rate:,.0f}/s, "
              f"{sample.resident_bytes >> 20} MiB", end="", file=sys.stderr, flush=True)

    ledger.run(LOAD, opened, rows, seed=options.seed + 4_242, every=every, each=note)
    print(file=sys.stderr)
    return curve


def describe(curve: Curve) -> str:
    points = curve.points
    shown = points if len(points) <= 12 else [points[index * (len(points) - 1) // 11] for index in range(12)]
    rows = [[f"{total:,}", f"{sample.rate:,.0f}", f"{sample.seconds * 1e6 / sample.transfers:.2f}",
             f"{sample.server_microseconds:.2f}", f"{sample.resident_bytes / 2**20:,.0f}",
             f"{sample.database_bytes / 2**30:,.2f}"] for total, sample in shown]
    header = ["transfers in the ledger", "transfers/s", "µs each", "server CPU µs", "memory MiB", "database GiB"]
    per_transfer = points[-1][1].database_bytes / points[-1][0]
    return (
        f"## From an empty ledger, {curve.accounts:,} accounts\n\n" + table(header, rows)
        + f"\n{LOAD.batch:,} per call, {LOAD.in_flight} in flight. Memory is settlement's own (RssAnon); {curve.idle_bytes / 2**20:,.0f} MiB "
        f"before the first account. {per_transfer:,.0f} bytes of disk for each transfer, log included.\n")
