"""A real exchange for measuring: every service, started by `ndx up` with release builds; tokens kept fresh."""
import json
import os
import shutil
import subprocess
import threading
from pathlib import Path

from harness.paths import BENCHMARKS, SWIFT_FLAGS, WORK
from harness.server import TICKS

SERVICES = ("identity", "audit", "catalog", "settlement")
TOKEN_LIFE_SECONDS = 300


def build_exchange() -> Path:
    """Builds the services and ndx as the images are built, and returns the folder of the executables."""
    scratch = BENCHMARKS / ".build" / "exchange"
    for product in ("ndx", *SERVICES):
        subprocess.run(
            ["swift", "build", "--quiet", *SWIFT_FLAGS, "--scratch-path", str(scratch), "--product", product],
            cwd=BENCHMARKS.parent, check=True)
    return scratch / "release"


def build_load() -> Path:
    folder = WORK / "settlement-load"
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["make", "--silent", "-C", str(BENCHMARKS / "settlement" / "load"), f"OUT={folder}"], check=True)
    return folder / "load"


SLOTS = 4096


class Instance:
    """One settlement of an exchange, the owner of so many slots of payers from a first one on."""

    def __init__(self, exchange: "Exchange", service: str, address: str, first_slot: int = 0, slots: int = SLOTS):
        self.officer = exchange.officer
        self.slots = range(first_slot, first_slot + slots)
        self.host, _, self.port = address.rpartition(":")
        self.work = exchange.directory / "load" / service
        self.work.mkdir(parents=True, exist_ok=True)
        self._data = exchange.directory / "services" / service
        self._pid_file = exchange.directory / "run" / f"{service}.pid"

    @property
    def pid(self) -> int:
        return int(self._pid_file.read_text())

    def cpu_seconds(self) -> float:
        """Processor time so far, in user and kernel mode, of all threads."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def resident_bytes(self) -> int:
        """Memory that is its own; pages of files that it has mapped do not count."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.partition("RssAnon:")[2].split()[0]) * 1024

    def database_bytes(self) -> int:
        return sum(path.stat().st_size for path in self._data.glob("settlement.sqlite*"))


class Exchange:
    """identity, audit, catalog and settlement, each with its own database in one folder that goes with it; settlement as
    often as wanted, each with an equal part of the payers."""

    def __init__(self, executables: Path, directory: Path, instances: int = 1):
        self.executables = executables
        self.directory = directory
        self.officer = directory / "profiles" / "clearing-officer"
        self._ranges = [range(SLOTS * n // instances, SLOTS * (n + 1) // instances) for n in range(instances)]
        self._over = threading.Event()

    def __enter__(self) -> "Exchange":
        shutil.rmtree(self.directory, ignore_errors=True)
        self.directory.parent.mkdir(parents=True, exist_ok=True)
        parts = [f"p{n}:VND/live/{part[0]:03x}-{part[-1]:03x}" for n, part in enumerate(self._ranges)]
        several = [argument for part in parts for argument in ("--partition", part)] if len(parts) > 1 else []
        self._ndx("up", "--directory", self.directory, "--ports", "auto", "--executables", self.executables, "--detach",
                  *several)
        try:
            self.instances = self._find_instances()
            self._renew_token()
            threading.Thread(target=self._keep_token_fresh, daemon=True).start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._ndx("down", "--directory", self.directory)
        shutil.rmtree(self.directory, ignore_errors=True)

    def _find_instances(self) -> list[Instance]:
        if len(self._ranges) == 1:
            description = json.loads((self.directory / "exchange.json").read_text())
            return [Instance(self, "settlement", description["endpoints"]["settlement"])]
        found = json.loads((self.directory / "partitions.json").read_text())
        return [Instance(self, one["service"], one["address"], part.start, len(part))
                for one, part in zip(found, self._ranges)]

    def _keep_token_fresh(self) -> None:
        while not self._over.wait(TOKEN_LIFE_SECONDS / 3):
            self._renew_token()

    def _renew_token(self) -> None:
        """Has ndx ask identity for a token, and hands it to the load generator."""
        cache = self.officer / "tokens.json"
        cache.unlink(missing_ok=True)
        self._ndx("account", "list", "--exchange-owned", "--profile", self.officer)
        token = json.loads(cache.read_text())["tokens"]["settlement"]["text"]
        fresh = self.officer / "token.new"
        fresh.write_text(token)
        os.replace(fresh, self.officer / "token")

    def _ndx(self, *arguments: object) -> None:
        done = subprocess.run(
            [str(self.executables / "ndx"), *map(str, arguments)], capture_output=True, text=True, timeout=300)
        if done.returncode:
            raise RuntimeError(f"ndx {arguments[0]}: {done.stderr.strip()}")
