import subprocess
from pathlib import Path

BENCHMARKS = Path(__file__).resolve().parent.parent
WORK = BENCHMARKS / ".build" / "work"
SWIFT_FLAGS = ["-c", "release", "--static-swift-stdlib"]


def build(product: str) -> Path:
    """Builds a product of this package as the images are built, and returns its path."""
    subprocess.run(
        ["swift", "build", "--quiet", *SWIFT_FLAGS, "--product", product], cwd=BENCHMARKS, check=True)
    return BENCHMARKS / ".build" / "release" / product


def without_debug_information(program: Path) -> Path:
    """A copy that valgrind 3.19 can read: it gives up on Swift's DWARF 5. Symbols stay."""
    copy = WORK / program.name
    copy.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["objcopy", "--strip-debug", str(program), str(copy)], check=True)
    return copy
