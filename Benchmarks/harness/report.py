import datetime
import os
import re
import subprocess
from pathlib import Path

from .paths import BENCHMARKS


def table(header: list[str], rows: list[list[str]]) -> str:
    """A Markdown table, numbers to the right."""
    lines = [header, ["---"] + ["---:"] * (len(header) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def spread(values: list[float], digits: int = 1) -> str:
    """The least and the greatest."""
    return f"{min(values):,.{digits}f}–{max(values):,.{digits}f}"


def commit() -> str:
    """What is built. To be asked before measuring, as the checkout may move on meanwhile."""
    changed = " with changes" if _output("git", "status", "--porcelain", "--untracked-files=no", "..") else ""
    return _output("git", "rev-parse", "--short", "HEAD") + changed


def circumstances(commit: str) -> str:
    """Date, commit, machine and how busy it was: what a figure is worth nothing without."""
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    return (
        f"{datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d %H:%M} UTC, "
        f"commit {commit}, "
        f"{os.cpu_count()} × {model.group(1) if model else 'unknown processor'}, "
        f"{_output('swift', '--version').splitlines()[0]}, load average {os.getloadavg()[0]:.1f} at the end")


def _output(*command: str) -> str:
    return subprocess.run(command, cwd=BENCHMARKS, check=True, capture_output=True, text=True).stdout.strip()


def write(name: str, text: str, part: str = "rpc") -> Path:
    folder = BENCHMARKS / part / "results"
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text)
    return folder / name
