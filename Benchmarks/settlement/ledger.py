"""The ledger under load: its accounts, what was acknowledged, and whether it holds exactly that."""
import array
import json
import random
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Iterator

from . import wire
from .exchange import Instance

OK = "1"
DEPOSIT = 10**12
PER_CALL = 1_000


@dataclass(frozen=True)
class Load:
    """How transfers are submitted: so many calls in flight on each of so many connections."""

    batch: int
    connections: int
    streams: int
    two_phase: bool = False

    @property
    def in_flight(self) -> int:
        return self.connections * self.streams

    @property
    def arguments(self) -> list[str]:
        return ["--batch", str(self.batch), "--connections", str(self.connections), "--streams", str(self.streams),
                *(["--two-phase"] if self.two_phase else [])]


@dataclass(frozen=True)
class Sample:
    """What so many acknowledged transfers cost."""

    transfers: int
    calls: int
    seconds: float
    server_seconds: float
    client_seconds: float
    p50: float
    p99: float
    resident_bytes: int
    database_bytes: int

    @property
    def rate(self) -> float:
        return self.transfers / self.seconds

    @property
    def server_microseconds(self) -> float:
        return self.server_seconds * 1e6 / self.transfers

    @property
    def client_microseconds(self) -> float:
        return self.client_seconds * 1e6 / self.transfers


@dataclass
class Ledger:
    instance: Instance
    load: Path
    accounts: list[str] = field(default_factory=list)
    debits: dict[str, int] = field(default_factory=dict)
    credits: dict[str, int] = field(default_factory=dict)
    transfers: int = 0

    def open_accounts(self, count: int, seed: int) -> list[str]:
        """Opens accounts of participants that may not go below zero, and pays a deposit into each."""
        ids = Identifiers(seed)
        source = ids.next()
        opened = [ids.next() for _ in range(count)]
        self._call("CreateAccounts", [wire.message(1, _account(source, None))] + [
            b"".join(wire.message(1, _account(id, ids.next(self.instance.slots))) for id in part)
            for part in _parts(opened, PER_CALL)])
        deposits = [
            b"".join(wire.message(1, _post(ids.next(), source, id, DEPOSIT)) for id in part)
            for part in _parts(opened, 8_000)]
        for answer in self._call("SubmitTransfers", deposits):
            results = [value for number, value in wire.fields(answer) if number == 1]
            if any(result != b"\x08\x01" for result in results):
                raise RuntimeError("a deposit was refused")
            self.transfers += len(results)
        for id in opened:
            self.debits[id], self.credits[id] = 0, DEPOSIT
        self.debits[source], self.credits[source] = DEPOSIT * count, 0
        self.accounts += opened
        return opened

    def run(self, load: Load, accounts: list[str], transfers: int, seed: int, every: int = 0,
            each: Callable[[Sample], None] | None = None) -> Sample:
        """Submits so many transfers between those accounts. Any outcome but OK is an error here: there is money enough,
        and every id is new. `each` is told about every so many transfers."""
        work = self.instance.work
        (work / "accounts").write_text("".join(f"{id}\n" for id in accounts))
        command = [self.load, self.instance.officer, self.instance.host, self.instance.port, "submit", *load.arguments,
                   "--accounts", work / "accounts", "--growth", work / "growth", "--transfers", transfers,
                   "--seed", seed, "--every", every]
        before = start = self._measure()
        samples = []
        with subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, text=True) as process:
            for line in process.stdout:
                report, after = json.loads(line), self._measure()
                if set(report["outcomes"]) != {OK}:
                    process.kill()
                    raise RuntimeError(f"refused: {report['outcomes']}")
                samples.append(self._sample(before, (report, *after[1:])))
                before = (report, *after[1:])
                if each:
                    each(samples[-1])
        if process.returncode:
            raise RuntimeError("the load generator failed")
        self.transfers += before[0]["answered"]
        self._book(accounts, work / "growth")
        if len(samples) == 1:
            return samples[0]
        return self._sample(start, before)

    def verify(self) -> None:
        """Every account must hold exactly what was acknowledged, and the ledger must agree with itself."""
        ids = list(self.debits)
        found = {}
        requests = [b"".join(wire.text(1, id) for id in part) for part in _parts(ids, PER_CALL)]
        for answer in self._call("LookupAccounts", requests):
            for _, account in wire.fields(answer):
                fields = dict(wire.fields(account))
                found[fields[1].decode()] = (fields.get(7, 0), fields.get(9, 0), fields.get(8, 0), fields.get(10, 0))
        for id in ids:
            if found.get(id) != (self.debits[id], self.credits[id], 0, 0):
                raise RuntimeError(f"{id} holds {found.get(id)}, acknowledged {self.debits[id]}, {self.credits[id]}")
        answer = next(self._call("VerifyLedger", [b""]))
        result = list(wire.fields(answer))
        findings = [value for number, value in result if number == 3]
        if findings or dict(result).get(2) != self.transfers:
            raise RuntimeError(f"VerifyLedger: {dict(result).get(2)} of {self.transfers} transfers, {findings[:3]}")

    def _measure(self) -> tuple:
        instance = self.instance
        nothing = {"answered": 0, "calls": 0, "seconds": 0.0, "processor_seconds": 0.0}
        return nothing, instance.cpu_seconds(), instance.resident_bytes(), instance.database_bytes()

    @staticmethod
    def _sample(before: tuple, after: tuple) -> Sample:
        report, last = after[0], before[0]
        return Sample(
            transfers=report["answered"] - last["answered"], calls=report["calls"],
            seconds=report["seconds"] - last["seconds"], server_seconds=after[1] - before[1],
            client_seconds=report["processor_seconds"] - last["processor_seconds"], p50=report["p50"],
            p99=report["p99"], resident_bytes=after[2], database_bytes=after[3])

    def _book(self, accounts: list[str], path: Path) -> None:
        growth = array.array("q", path.read_bytes())
        for id, debits, credits in zip(accounts, growth, growth[len(accounts):]):
            self.debits[id] += debits
            self.credits[id] += credits

    def _call(self, method: str, requests: list[bytes]) -> Iterator[bytes]:
        """The answers to requests made one after the other."""
        instance = self.instance
        command = [self.load, instance.officer, instance.host, instance.port, "call",
                   f"/ndx.settlement.v1.LedgerService/{method}"]
        sent = b"".join(len(request).to_bytes(4, "big") + request for request in requests)
        output = subprocess.run(list(map(str, command)), input=sent, stdout=subprocess.PIPE, check=True).stdout
        answers, at = [], 0
        while at < len(output):
            start = at + 4
            at = start + int.from_bytes(output[at:start], "big")
            answers.append(output[start:at])
        if len(answers) != len(requests):
            raise RuntimeError(f"{method}: {len(answers)} answers to {len(requests)} requests")
        return iter(answers)


class Identifiers:
    """UUIDv7s (RFC 9562); the same seed gives the same random part."""

    def __init__(self, seed: int):
        self._random = random.Random(seed)

    def next(self, slots: range | None = None) -> str:
        """An id; of a participant, in one of these slots: a slot is its last twelve bits."""
        bits = self._random.getrandbits(74)
        if slots:
            bits = bits >> 12 << 12 | slots[bits % len(slots)]
        value = int(time.time() * 1000) << 80 | 7 << 76 | (bits >> 62) << 64 | 2 << 62 | bits & (1 << 62) - 1
        text = f"{value:032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _account(id: str, owner: str | None) -> bytes:
    """One in LIVE: of a participant, or an external one that may go below zero."""
    participant = owner is not None
    return (wire.text(1, id) + wire.text(2, owner or "") + wire.text(3, "VND") + wire.number(4, 1)
            + wire.number(5, 1 if participant else 6) + wire.number(6, 0 if participant else 1))


def _post(id: str, debit: str, credit: str, amount: int) -> bytes:
    return (wire.text(1, id) + wire.number(2, 1) + wire.text(3, debit) + wire.text(4, credit)
            + wire.number(5, amount) + wire.text(6, "VND"))


def _parts(items: list, size: int) -> Iterator[list]:
    return (items[start:start + size] for start in range(0, len(items), size))
