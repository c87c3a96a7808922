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


class Exchange:
    """identity, audit, catalog and settlement, each with its own database in one folder that goes with it."""

    def __init__(self, executables: Path, directory: Path):
        self.executables = executables
        self.directory = directory
        self.officer = directory / "profiles" / "clearing-officer"
        self._over = threading.Event()

    def __enter__(self) -> "Exchange":
        shutil.rmtree(self.directory, ignore_errors=True)
        self.directory.parent.mkdir(parents=True, exist_ok=True)
        self._ndx("up", "--directory", self.directory, "--ports", "auto", "--executables", self.executables, "--detach")
        try:
            description = json.loads((self.directory / "exchange.json").read_text())
            self.host, _, self.port = description["endpoints"]["settlement"].rpartition(":")
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

    @property
    def pid(self) -> int:
        return int((self.directory / "run" / "settlement.pid").read_text())

    def cpu_seconds(self, service: str = "settlement") -> float:
        """Processor time so far, in user and kernel mode, of all threads."""
        pid = int((self.directory / "run" / f"{service}.pid").read_text())
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def resident_bytes(self) -> int:
        """Memory of settlement that is its own; pages of files that it has mapped do not count."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.partition("RssAnon:")[2].split()[0]) * 1024

    def database_bytes(self) -> int:
        folder = self.directory / "services" / "settlement"
        return sum(path.stat().st_size for path in folder.glob("settlement.sqlite*"))

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
