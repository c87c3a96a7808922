"""An audit log under load."""
import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from harness.paths import BENCHMARKS, WORK
from harness.server import TICKS
from settlement.exchange import Exchange


def build_load() -> Path:
    folder = WORK / "audit-load"
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["make", "--silent", "-C", str(BENCHMARKS / "audit" / "load"), f"OUT={folder}"], check=True)
    return folder / "audit-load"


@dataclass(frozen=True)
class Load:
    """So many calls in flight on each of so many connections. Without a payload events are bare: entries of 300 bytes that name
    nobody; with one they name an actor, an order and a participant and have a traceparent."""

    batch: int
    connections: int
    streams: int
    payload: int | None = None

    @property
    def title(self) -> str:
        kind = "bare, entries of 300 bytes" if self.payload is None else f"3 names and a payload of {self.payload} bytes"
        return f"{self.batch} per call, {kind}"


@dataclass(frozen=True)
class Sample:
    """What so many answered events or proofs cost."""

    items: int
    seconds: float
    server_seconds: float
    client_seconds: float
    p50: float
    p99: float
    resident_bytes: int
    grown_bytes: int
    merge_p99: float = 0
    checkpoints: int = 0
    size: int = 0

    @property
    def rate(self) -> float:
        return self.items / self.seconds

    @property
    def server_microseconds(self) -> float:
        return self.server_seconds * 1e6 / self.items


class Log:
    """The audit service of an exchange; catalog's certificate appends."""

    def __init__(self, exchange: Exchange, load: Path):
        self.directory = exchange.directory
        self._load = load
        self._runs = 0
        self.host, _, self.port = json.loads((self.directory / "exchange.json").read_text())["endpoints"]["audit"].rpartition(":")
        self.data = self.directory / "services" / "audit"
        self._caller = self.directory / "load" / "catalog"
        self._caller.mkdir(parents=True, exist_ok=True)
        catalog = self.directory / "services" / "catalog"
        shutil.copy(catalog / "credential.pem", self._caller / "certificate.pem")
        shutil.copy(catalog / "credential.pem", self._caller / "key.pem")
        shutil.copy(catalog / "trust.pem", self._caller / "trust.pem")

    @property
    def pid(self) -> int:
        return int((self.directory / "run" / "audit.pid").read_text())

    def append(self, load: Load, events: int, seed: int) -> Sample:
        """Appends so many events; every one must be receipted, and all be covered by a checkpoint at the end."""
        self._runs += 1
        payload = [] if load.payload is None else ["--payload", load.payload]
        return self._run("append", load, events, seed, "--batch", load.batch, "--instances", f"r{self._runs}n", *payload)

    def prove(self, load: Load, proofs: int, size: int, seed: int) -> Sample:
        return self._run("prove", load, proofs, seed, "--size", size)

    def command(self, *arguments: object) -> list[str]:
        """The load generator, as the service whose certificate appends."""
        return list(map(str, [self._load, self._caller, self.host, self.port, *arguments]))

    def _run(self, mode: str, load: Load, items: int, seed: int, *arguments: object) -> Sample:
        command = self.command(mode, "--connections", load.connections, "--streams", load.streams, "--transfers", items,
                               "--seed", seed, *arguments)
        cpu, size = self._cpu_seconds(), self.database_bytes()
        output = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
        report, *rest = map(json.loads, output.splitlines())
        delay = rest[0] if rest else {}
        return Sample(
            report["answered"], report["seconds"], self._cpu_seconds() - cpu, report["processor_seconds"], report["p50"],
            report["p99"], self.resident_bytes(), self.database_bytes() - size, delay.get("merge_p99", 0),
            delay.get("checkpoints", 0), delay.get("size", 0))

    def database_bytes(self) -> int:
        """Of the database alone: its log of changes is emptied into it again and again."""
        return (self.data / "audit.sqlite").stat().st_size

    def resident_bytes(self) -> int:
        """Memory that is its own; pages of files that it has mapped do not count."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.partition("RssAnon:")[2].split()[0]) * 1024

    def _cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS
