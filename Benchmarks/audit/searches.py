"""How long an auditor waits for a page of the log, found by whatever a page can be found by."""
import struct
import subprocess
import time
from dataclasses import dataclass
from statistics import median

from harness.report import table

from .log import Log

SERVICE = "/ndx.audit.v1.LogService/"
PAGE = 50
DEEP_PAGES = 20
REPETITIONS = 15
REFUSED = 2


@dataclass(frozen=True)
class Found:
    title: str
    entries: int
    median: float
    longest: float


class Calls:
    """Calls of one method, one after the other on one connection."""

    def __init__(self, log: Log, method: str):
        self._process = subprocess.Popen(
            log.command("call", SERVICE + method), stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __enter__(self) -> "Calls":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.stdin.close()
        self._process.wait()

    def ask(self, request: bytes) -> tuple[float, list[bytes], bytes]:
        """Seconds, the items of the page, and the token of the next one."""
        begin = time.monotonic()
        self._process.stdin.write(struct.pack(">I", len(request)) + request)
        self._process.stdin.flush()
        (length,) = struct.unpack(">I", self._process.stdout.read(4))
        answer = self._process.stdout.read(length)
        seconds = time.monotonic() - begin
        fields = list(read_fields(answer))
        token = [value for number, value in fields if number == 2]
        return seconds, [value for number, value in fields if number == 1], token[0] if token else b""


def measure_searches(log: Log) -> list[Found]:
    """The log must have entries with names at its end."""
    with Calls(log, "ListEntries") as lists, Calls(log, "TraceSubject") as traces:
        kind = text(5, "order.settled")
        _, items, _ = lists.ask(page() + kind)
        entry = dict(read_fields(items[-1]))
        names = [value.decode() for number, value in read_fields(items[-1]) if number == 11]
        participant = next(name for name in names if name.startswith("participant/"))
        order = next(name for name in names if name.startswith("order/"))
        actor, refused = entry[10].decode(), number(8, REFUSED)
        moment = field(6, entry[7])
        return [
            found("all, first page", lists, b""),
            deep("all", lists, b""),
            found("by subject, an order", lists, text(3, order)),
            found("by subject, a participant", lists, text(3, participant)),
            deep("by subject, a participant", lists, text(3, participant)),
            found("by actor", lists, text(4, actor)),
            found("by subject and actor", lists, text(3, participant) + text(4, actor)),
            found("by kind", lists, kind),
            deep("by kind", lists, kind),
            found("by a kind that there is not", lists, text(5, "order.lost")),
            found("refused", lists, refused),
            found("by kind, refused", lists, kind + refused),
            found("since a moment", lists, moment),
            found("by kind, refused, since a moment", lists, kind + refused + moment),
            found("by subject and kind, since a moment", lists, text(3, participant) + kind + moment),
            found("before all", lists, field(7, number(1, 1))),
            found("TraceSubject, an order", traces, text(3, order)),
            found("TraceSubject, a participant", traces, text(3, participant)),
        ]


def found(title: str, calls: Calls, request: bytes) -> Found:
    seconds, items = [], []
    for _ in range(REPETITIONS):
        took, items, _ = calls.ask(page() + request)
        seconds.append(took)
    return Found(title, len(items), median(seconds), max(seconds))


def deep(title: str, calls: Calls, request: bytes) -> Found:
    """The last pages of as many as there are, at most `DEEP_PAGES`."""
    seconds, items, token = [], [], b""
    for _ in range(DEEP_PAGES):
        took, items, token = calls.ask(page() + request + (field(2, token) if token else b""))
        seconds.append(took)
        if not token:
            break
    last = seconds[len(seconds) // 2:]
    return Found(f"{title}, page {len(seconds)}", len(items), median(last), max(last))


def describe_searches(size: int, results: list[Found]) -> str:
    rows = [[one.title, f"{one.entries}", f"{one.median * 1e3:.1f}", f"{one.longest * 1e3:.1f}"] for one in results]
    return (
        "## Searches\n\n" + table(["page", "entries", "median ms", "longest ms"], rows)
        + f"\nPages of {PAGE} entries from a log of {size:,}, a fifth of them with names, asked for by a service one after the other on "
        "an idle machine. Every page with details is noted in the log before it is answered: a commit with its fsync is part of "
        "the time. Proofs of TraceSubject included.\n")


# What of protobuf it takes.

def varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes(out + bytes([value]))


def number(field_number: int, value: int) -> bytes:
    return varint(field_number << 3) + varint(value)


def field(field_number: int, value: bytes) -> bytes:
    return varint(field_number << 3 | 2) + varint(len(value)) + value


def text(field_number: int, value: str) -> bytes:
    return field(field_number, value.encode())


def page() -> bytes:
    return number(1, PAGE)


def read_fields(message: bytes):
    """(number, value) of each field of a message of numbers, texts and messages."""
    at = 0

    def read_varint() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(message):
        key = read_varint()
        value = read_varint()
        if key & 7 == 2:
            value, at = message[at:at + value], at + value
        yield key >> 3, value
