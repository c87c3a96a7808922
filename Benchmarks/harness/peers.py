import subprocess
from dataclasses import dataclass
from pathlib import Path

from .certificates import certificates
from .paths import BENCHMARKS, WORK, build
from .server import Server

GRPC_APIS = ("async", "callback", "sync")


@dataclass(frozen=True)
class Peers:
    """Our echo server and gRPC C++'s, with the same certificates, the same number of threads and, if any, the same
    processors."""

    certificates: Path
    ours: Path
    grpc: Path
    threads: int
    cpus: str | None

    @staticmethod
    def built(threads: int, cpus: str | None) -> "Peers":
        grpc = WORK / "grpc"
        grpc.mkdir(parents=True, exist_ok=True)
        subprocess.run(["make", "--silent", f"OUT={grpc}"], cwd=BENCHMARKS / "rpc" / "grpc", check=True)
        return Peers(certificates(), build("echo-server"), grpc, threads, cpus)

    def start_ours(self, *, mutual: bool = False) -> Server:
        return self._start([self.ours, self.certificates, self.threads], mutual)

    def start_grpc(self, api: str, *, mutual: bool = False) -> Server:
        return self._start([self.grpc / "server", self.certificates, self.threads, api], mutual)

    def _start(self, command: list, mutual: bool) -> Server:
        return Server([*command, *(["mutual"] if mutual else [])], cpus=self.cpus)
