import re
import statistics
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from .paths import WORK
from .server import Server

SERVICE = "ndx.benchmark.v1.EchoService"


@dataclass(frozen=True)
class Load:
    """What h2load does to a server. `copies` is 0 for unary calls, else how many messages each call streams back."""

    connections: int
    streams: int
    bytes: int
    copies: int = 0

    @property
    def title(self) -> str:
        size = f"{self.bytes} B" if self.bytes < 1024 else f"{self.bytes // 1024} KiB"
        kind = f"stream of {self.copies} × {size}" if self.copies else size
        return f"{kind}, {self.connections} × {self.streams}"

    @property
    def message(self) -> bytes:
        return any_message(self.bytes, str(self.copies) if self.copies else "")

    @property
    def messages_per_call(self) -> int:
        return self.copies or 1


@dataclass(frozen=True)
class Sample:
    """One run of a load, counted in messages the server sent: one per unary call."""

    messages: int
    seconds: float
    cpu_microseconds: float
    p50_microseconds: float
    p99_microseconds: float

    @property
    def rate(self) -> float:
        return self.messages / self.seconds


def measure(server: Server, load: Load, calls: int) -> Sample:
    """Makes so many calls, checks that every answer arrived whole, and returns what they cost."""
    log = WORK / "latencies"
    log.unlink(missing_ok=True)
    before = server.cpu_seconds
    output = h2load(
        server.port, "Repeat" if load.copies else "Echo", load.message, "-c", str(load.connections),
        "-m", str(load.streams), "-n", str(calls), "-w", "20", "-W", "20", f"--log-file={log}")
    cpu = server.cpu_seconds - before
    expected = calls * load.messages_per_call * (5 + len(load.message))
    if f" {calls} succeeded" not in output or f"({expected}) data" not in output:
        raise RuntimeError(f"{load.title}: not every answer arrived\n{output}")
    if "TLSv1.3" not in output or "TLS_AES_128_GCM_SHA256" not in output:
        raise RuntimeError(f"{load.title}: not the agreed cipher\n{output}")
    latencies = [int(line.split("\t")[2]) for line in log.read_text().splitlines()]
    percentiles = statistics.quantiles(latencies, n=100)
    messages = calls * load.messages_per_call
    return Sample(messages, _seconds(output), cpu * 1e6 / messages, percentiles[49], percentiles[98])


def calls_lasting(server: Server, load: Load, seconds: float) -> int:
    """About how many calls take so long, found by trying, which also warms the server up."""
    calls = least = load.connections * load.streams * 2
    while True:
        start = time.monotonic()
        measure(server, load, calls)
        elapsed = time.monotonic() - start
        if elapsed > seconds / 4:
            return max(least, int(calls * seconds / elapsed))
        calls *= 2 if elapsed > seconds / 16 else 4


def h2load(port: int, method: str, message: bytes, *options: str) -> str:
    """Runs h2load with one thread against a method of the echo service, and returns what it prints."""
    command = [
        "h2load", "-t", "1", "-d", str(request_file(message)), "-H", "content-type: application/grpc",
        "-H", "te: trailers", "--tls13-ciphers=TLS_AES_128_GCM_SHA256", *options,
        f"https://127.0.0.1:{port}/{SERVICE}/{method}"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _seconds(output: str) -> float:
    value, unit = re.search(r"finished in ([\d.]+)(us|ms|s)\b", output).groups()
    return float(value) * {"us": 1e-6, "ms": 1e-3, "s": 1}[unit]


def request_file(message: bytes) -> Path:
    """A file with the message behind its gRPC length prefix."""
    path = WORK / "request"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\0" + len(message).to_bytes(4, "big") + message)
    return path


def any_message(value_bytes: int, type_url: str = "") -> bytes:
    """The protobuf encoding of a google.protobuf.Any."""
    value = bytes(index % 251 for index in range(value_bytes))
    return _field(1, type_url.encode()) + _field(2, value)


def _field(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | 2]) + _varint(len(content)) + content if content else b""


def _varint(value: int) -> bytes:
    head = b""
    while value > 127:
        head += bytes([value & 127 | 128])
        value >>= 7
    return head + bytes([value])
