import os
import signal
import subprocess
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


class Server:
    """A server under test: prints its port when it is ready, and ends when its standard input does."""

    def __init__(self, command: list[str | Path], *, under: list[str] = [], cpus: str | None = None):
        pinned = ["taskset", "-c", cpus] if cpus else []
        self.process = subprocess.Popen(
            [*pinned, *under, *map(str, command)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline() or 0)
        if not self.port:
            raise RuntimeError(f"{command[0]} did not start (exit code {self.process.wait()})")

    @property
    def cpu_seconds(self) -> float:
        """Processor time so far, in user and kernel mode, of all threads."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    @property
    def resident_bytes(self) -> int:
        return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.stdin.close()
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
