"""PostgreSQL 15 from Debian under the same load: a database cluster of its own, durable, tuned for this."""
import array
import getpass
import json
import os
import shutil
import subprocess
import time
from pathlib import Path

from harness.paths import BENCHMARKS
from harness.server import TICKS

from .ledger import DEPOSIT, OK, Identifiers, Load, Sample

PROGRAMS = Path("/usr/lib/postgresql/15/bin")
PORT = 5532
# Durable as ours: fsync and synchronous_commit stay on. The rest gives it memory, few checkpoints and a good log.
SETTINGS = {
    "fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "shared_buffers": "2GB", "max_wal_size": "16GB",
    "checkpoint_timeout": "15min", "wal_buffers": "64MB", "wal_compression": "lz4", "max_connections": "300",
    "jit": "off", "autovacuum_naptime": "10s", "commit_siblings": "5", "listen_addresses": "127.0.0.1", "port": str(PORT),
    "ssl": "on",
}


class PostgreSQL:
    """A cluster in a folder that goes with it. PostgreSQL does not run as root, so root runs it as its user."""

    def __init__(self, program: Path, directory: Path, certificates: Path):
        self.program = program
        self.directory = directory
        self._certificates = certificates
        self.user = "postgres" if os.getuid() == 0 else getpass.getuser()
        self.debits: dict[str, int] = {}
        self.credits: dict[str, int] = {}
        self.transfers = 0

    def __enter__(self) -> "PostgreSQL":
        shutil.rmtree(self.directory, ignore_errors=True)
        self.directory.mkdir(parents=True)
        for source, name in (("server.pem", "server.crt"), ("server.key", "server.key"), ("root.pem", "root.crt")):
            shutil.copy(self._certificates / source, self.directory / name)
            (self.directory / name).chmod(0o600)
        if os.getuid() == 0:
            for path in (self.directory, *self.directory.iterdir()):
                shutil.chown(path, self.user)
        data = self.directory / "data"
        self._command("initdb", "--pgdata", data, "--auth", "trust", "--encoding", "UTF8", "--locale", "C")
        for name in ("server.crt", "server.key"):
            (self.directory / name).rename(data / name)
        with open(data / "postgresql.conf", "a") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in SETTINGS.items())
            file.write(f"unix_socket_directories = '{self.directory}'\n")
        self._command("pg_ctl", "--pgdata", data, "--log", self.directory / "log", "--wait", "start")
        try:
            self.query((BENCHMARKS / "settlement" / "postgres" / "schema.sql").read_text())
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._command("pg_ctl", "--pgdata", self.directory / "data", "--mode", "fast", "--wait", "stop")
        shutil.rmtree(self.directory, ignore_errors=True)

    def target(self, tls: bool) -> str:
        host = "127.0.0.1 sslmode=require" if tls else f"{self.directory} sslmode=disable"
        return f"host={host} port={PORT} user={self.user} dbname=postgres"

    def set(self, name: str, value: object) -> None:
        self.query(f"ALTER SYSTEM SET {name} = {value}")
        self.query("SELECT pg_reload_conf()")
        time.sleep(0.2)

    def query(self, text: str) -> str:
        return subprocess.run(
            [str(PROGRAMS / "psql"), "-XAtqv", "ON_ERROR_STOP=1", self.target(tls=False)], input=text, text=True,
            stdout=subprocess.PIPE, check=True).stdout.strip()

    def open_accounts(self, count: int, seed: int) -> list[str]:
        """Accounts with the same deposit as ours."""
        ids = Identifiers(seed)
        opened = [ids.next() for _ in range(count)]
        values = ",".join(f"('{id}','VND',1,false,{DEPOSIT})" for id in opened)
        self.query(
            f"INSERT INTO account (id, currency, environment, overdraft_allowed, credits_posted) VALUES {values};"
            "VACUUM ANALYZE account")
        for id in opened:
            self.debits[id], self.credits[id] = 0, DEPOSIT
        return opened

    def run(self, load: Load, accounts: list[str], transfers: int, seed: int, *, tls: bool = False) -> Sample:
        (self.directory / "accounts").write_text("".join(f"{id}\n" for id in accounts))
        growth = self.directory / "growth"
        command = [self.program, self.target(tls), *load.arguments, "--accounts", self.directory / "accounts",
                   "--growth", growth, "--transfers", transfers, "--seed", seed]
        before = self._cpu_seconds()
        output = subprocess.run(list(map(str, command)), check=True, stdout=subprocess.PIPE, text=True).stdout
        report = json.loads(output.splitlines()[-1])
        server = self._cpu_seconds() - before
        if set(report["outcomes"]) != {OK}:
            raise RuntimeError(f"PostgreSQL refused: {report['outcomes']}")
        counted = array.array("q", growth.read_bytes())
        for id, debits, credits in zip(accounts, counted, counted[len(accounts):]):
            self.debits[id] += debits
            self.credits[id] += credits
        self.transfers += report["answered"]
        return Sample(
            transfers=report["answered"], calls=report["calls"], seconds=report["seconds"], server_seconds=server,
            client_seconds=report["processor_seconds"], p50=report["p50"], p99=report["p99"], resident_bytes=0,
            database_bytes=0)

    def verify(self) -> None:
        rows = [line.split("|") for line in self.query("SELECT id, debits_posted, credits_posted FROM account").splitlines()]
        found = {id: (int(debits), int(credits)) for id, debits, credits in rows}
        for id in self.debits:
            if found[id] != (self.debits[id], self.credits[id]):
                raise RuntimeError(f"PostgreSQL: {id} holds {found[id]}")
        if int(self.query("SELECT count(*) FROM transfer")) != self.transfers:
            raise RuntimeError("PostgreSQL: not every transfer is there")

    def _cpu_seconds(self) -> float:
        """Of the postmaster, of what it runs, and of what it has run and waited for."""
        postmaster = int((self.directory / "data" / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        ticks = 0
        for pid in (postmaster, *children):
            try:
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            ticks += int(fields[11]) + int(fields[12])
            if pid == postmaster:
                ticks += int(fields[13]) + int(fields[14])
        return ticks / TICKS

    def _command(self, program: str, *arguments: object) -> None:
        prefix = ["runuser", "-u", self.user, "--"] if os.getuid() == 0 else []
        subprocess.run(
            [*prefix, str(PROGRAMS / program), *map(str, arguments)], cwd="/", check=True, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL if program == "initdb" else None)


# Tried in turn; the fastest stands for PostgreSQL.
SINGLE_SHAPES = [Load(1, connections, 256 // connections) for connections in (32, 128, 256)]
BATCH_SHAPES = [Load(8_000, connections, 1) for connections in (1, 2)]
COMMIT_DELAYS = (0, 200, 1_000)


def best_postgresql(server: PostgreSQL, accounts: list[str], options) -> tuple[dict[int, tuple[Load, bool]], str]:
    """The shape and the transport that PostgreSQL goes fastest with, for one and for 8,000 per call, and what was tried."""
    best, tried = {}, []
    for shapes in (SINGLE_SHAPES, BATCH_SHAPES):
        rates = {}
        for shape in shapes[-1:] if options.smoke else shapes:
            for tls in (False, True):
                rates[shape, tls] = lasting(server, shape, accounts, options, tls=tls).rate
        best[shapes[0].batch] = max(rates, key=rates.get)
        tried.append(f"{shapes[0].batch:,} per call: " + ", ".join(
            f"{shape.connections} × {shape.streams}{' TLS' if tls else ''} {rate:,.0f}/s"
            for (shape, tls), rate in rates.items()))
    shape, tls = best[1]
    delays = {}
    for delay in COMMIT_DELAYS[:1] if options.smoke else COMMIT_DELAYS:
        server.set("commit_delay", delay)
        delays[delay] = lasting(server, shape, accounts, options, tls=tls).rate
    delay = max(delays, key=delays.get)
    server.set("commit_delay", delay)
    tried.append("commit_delay: " + ", ".join(f"{value} µs {rate:,.0f}/s" for value, rate in delays.items()))
    return best, "; ".join(tried)


def lasting(server: PostgreSQL, load: Load, accounts: list[str], options, *, tls: bool) -> Sample:
    least = load.in_flight * load.batch * 2
    pilot = server.run(load, accounts, least, seed=options.seed + 7_000_003 * (server.transfers + 1), tls=tls)
    count = max(least, int(pilot.rate * options.seconds) // load.batch * load.batch)
    return server.run(load, accounts, count, seed=options.seed + 7_000_003 * (server.transfers + 1), tls=tls)
