"""What is measured of the log, and how it is told."""
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

from harness.report import table

from .log import Load, Log, Sample

LOADS = [Load(256, 4, 4), Load(256, 4, 4, payload=100), Load(1, 16, 16), Load(1, 16, 16, payload=100)]
PROOFS = Load(1, 4, 32)
POINTS = 20
ROW_BYTES = 330
ROWS_PER_COMMIT = 4_096


def measure_loads(log: Log, options) -> list[tuple[Load, Sample]]:
    results = []
    for load in LOADS:
        pilot = log.append(load, load.batch * load.connections * load.streams * 4, options.seed)
        results.append((load, log.append(load, int(pilot.rate * options.seconds), options.seed + 1)))
        print(f"{load.title}: {results[-1][1].rate:,.0f}/s", file=sys.stderr)
    return results


def measure_proofs(log: Log, options) -> Sample:
    size = log.append(LOADS[0], LOADS[0].batch, options.seed).size
    pilot = log.prove(PROOFS, 2_000, size, options.seed)
    return log.prove(PROOFS, int(pilot.rate * options.seconds), size, options.seed + 1)


def measure_curve(log: Log, options) -> list[tuple[int, Sample]]:
    """Bare events while an empty log fills."""
    points, size = [], 0
    while size < options.entries:
        sample = log.append(LOADS[0], max(options.entries // POINTS, LOADS[0].batch), options.seed + len(points))
        size = sample.size
        points.append((size, sample))
        print(f"\r{size:,} of {options.entries:,}: {sample.rate:,.0f}/s", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return points


def measure_start(log: Log, executables: Path) -> float:
    """Seconds from the start of the service to its readiness, after it was asked to stop."""
    os.kill(log.pid, signal.SIGTERM)
    while Path(f"/proc/{log.pid}").exists():
        time.sleep(0.02)
    begin = time.monotonic()
    subprocess.run(
        [str(executables / "ndx"), "up", "--directory", str(log.directory), "--executables", str(executables), "--detach"],
        check=True, capture_output=True)
    return time.monotonic() - begin


def fill_with_names(log: Log, options) -> int:
    """The size of the log, a fifth of whose entries have names then."""
    return log.append(LOADS[1], max(options.entries // 4, LOADS[1].batch), options.seed).size


def floor(folder: Path) -> float:
    """Rows per second of plain SQLite: one table, rows of the same size, one commit with fsync for each 4,096."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "floor.sqlite"
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute("CREATE TABLE entry (idx INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT")
    rows = [(os.urandom(ROW_BYTES),) for _ in range(ROWS_PER_COMMIT)]
    begin = time.monotonic()
    commits = 50
    for _ in range(commits):
        database.execute("BEGIN IMMEDIATE")
        database.executemany("INSERT INTO entry (body) VALUES (?)", rows)
        database.execute("COMMIT")
    seconds = time.monotonic() - begin
    database.close()
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    return commits * ROWS_PER_COMMIT / seconds


def describe_loads(results: list[tuple[Load, Sample]], proofs: Sample, least: float) -> str:
    rows = [[load.title, f"{load.connections} × {load.streams}", f"**{sample.rate:,.0f}**", f"{sample.server_microseconds:.1f}",
             f"{sample.p50 / 1e3:.1f}", f"{sample.p99 / 1e3:.1f}", f"{sample.merge_p99:.2f}",
             f"{sample.checkpoints / sample.seconds:.1f}", f"{sample.grown_bytes / sample.items:,.0f}"]
            for load, sample in results]
    header = ["events", "in flight", "appends/s", "server CPU µs", "p50 ms", "p99 ms", "merge delay p99, s", "checkpoints/s",
              "bytes of disk each"]
    return (
        "## Appends\n\n" + table(header, rows)
        + "\nAnswered after fsync, every receipt read. The merge delay is from the answer to the sight of a checkpoint that covers "
        "the event, asked for every 20 ms. Bytes are those by which audit.sqlite grew: entry, tiles, indexes, sealed details, "
        f"postings. Plain SQLite inserts {least:,.0f} rows of {ROW_BYTES} bytes in a second, {ROWS_PER_COMMIT:,} in a commit, without "
        "any hash, index, proof or network.\n\n"
        f"GetInclusionProof, {PROOFS.connections} × {PROOFS.streams} in flight, random entries: **{proofs.rate:,.0f}/s**, p99 "
        f"{proofs.p99 / 1e3:.1f} ms, {proofs.server_microseconds:.1f} µs of server CPU.\n")


def describe_curve(points: list[tuple[int, Sample]], start: float) -> str:
    rows = [[f"{size:,}", f"{sample.rate:,.0f}", f"{sample.server_microseconds:.1f}", f"{sample.merge_p99:.2f}",
             f"{sample.resident_bytes / 2**20:,.0f}", f"{sample.grown_bytes / sample.items:,.0f}"] for size, sample in points]
    header = ["entries in the log", "appends/s", "server CPU µs", "merge delay p99, s", "memory MiB", "bytes of disk each"]
    return (
        "## While the log grows\n\n" + table(header, rows)
        + f"\n{LOADS[0].title}. Memory is audit's own (RssAnon). Stopped and started again at the end, the service was ready after "
        f"{start:.2f} s, `ndx up` and the check of the newest 16,384 entries included.\n")
