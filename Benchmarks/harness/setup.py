import os
import signal
import subprocess
import sys

from .paths import BENCHMARKS

VENV = BENCHMARKS / ".venv"


def prepare() -> None:
    """Installs what is missing, and goes on in the Python environment that has it. Asked to end, it stops what it started."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    subprocess.run(["make", "--silent", "-C", str(BENCHMARKS.parent), "benchmark-deps"], check=True)
    if sys.prefix != str(VENV):
        python = str(VENV / "bin" / "python")
        os.execv(python, [python, *sys.argv])
