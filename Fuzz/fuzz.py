#!/usr/bin/env python3
"""Runs the fuzzers and looks after the inputs they keep. See CONTRIBUTING.md, "Fuzzing".

  fuzz.py run PROGRAM [--seconds N] [--target NAME]...   fuzz, two at a time; fails when something is found
  fuzz.py keep PROGRAM [--target NAME]...                take what the last run found worth keeping into Corpus/
  fuzz.py add TARGET FILE...                             keep these inputs, such as a finding that is fixed

Corpus/TARGET.txt holds the kept inputs, a line of base64 for each. Runs work in .build/fuzz/runs/TARGET.
"""

import argparse
import base64
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent
RUNS = ROOT.parent / ".build" / "fuzz" / "runs"
TARGETS = sorted(path.stem for path in (ROOT / "Corpus").glob("*.txt"))
# Most bytes of all kept inputs of a target.
KEPT_BYTES = 100_000
LIMITS = ["-rss_limit_mb=1024", "-malloc_limit_mb=64", "-timeout=10"]
LONGEST = {"session": 1024, "headers": 2048, "prefix": 4096}


def kept(target):
    path = ROOT / "Corpus" / f"{target}.txt"
    return {base64.b64decode(line) for line in path.read_text().split()} if path.exists() else set()


def keep(target, inputs):
    lines = sorted((base64.b64encode(data).decode() for data in inputs), key=lambda x: (len(x), x))
    (ROOT / "Corpus" / f"{target}.txt").write_text("".join(line + "\n" for line in lines))


def unpack(target, folder):
    folder.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(sorted(kept(target))):
        (folder / f"kept-{number:04}").write_bytes(data)


def start(program, target, options, folders, log):
    environment = dict(os.environ, ASAN_OPTIONS="detect_leaks=1:malloc_context_size=8")
    command = [program, f"--{target}", *LIMITS, f"-max_len={LONGEST.get(target, 4096)}", *options]
    with open(log, "wb") as output:
        return subprocess.run(
            [*command, *map(str, folders)], stdout=output, stderr=output, env=environment
        ).returncode


def fuzz(program, target, seconds):
    """Fuzzes one target; returns its line of the table and what it found."""
    run = RUNS / target
    shutil.rmtree(run / "findings", ignore_errors=True)
    shutil.rmtree(run / "kept", ignore_errors=True)
    for folder in ["findings", "kept", "new"]:
        (run / folder).mkdir(parents=True, exist_ok=True)
    unpack(target, run / "kept")
    options = [f"-max_total_time={seconds}", f"-artifact_prefix={run}/findings/", "-print_final_stats=1"]
    begun = time.monotonic()
    code = start(program, target, options, [run / "new", run / "kept"], run / "log.txt")
    text = (run / "log.txt").read_text(errors="replace")
    found = sorted((run / "findings").iterdir())
    executions = re.findall(r"stat::number_of_executed_units:\s*(\d+)", text) or re.findall(r"^#(\d+)", text, re.M)
    covered = re.findall(r"cov: (\d+) ft: (\d+)", text) or [("0", "0")]
    peak = re.findall(r"stat::peak_rss_mb:\s*(\d+)", text) or ["0"]
    line = (f"{target:8} {int(executions[-1] if executions else 0):>12,} {covered[-1][0]:>8} {covered[-1][1]:>9}"
            f" {time.monotonic() - begun:>6.0f} {peak[-1]:>6} {len(found):>8}")
    return line, found if code == 0 or found else [run / "log.txt"]


def run(arguments):
    print(f"{'target':8} {'executions':>12} {'edges':>8} {'features':>9} {'s':>6} {'MiB':>6} {'findings':>8}", flush=True)
    findings = []
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(fuzz, arguments.program, target, arguments.seconds) for target in arguments.target]
        for job in jobs:
            line, found = job.result()
            print(line, flush=True)
            findings += found
    for path in findings:
        print(f"found: {path}", file=sys.stderr)
    return 1 if findings else 0


def merge(arguments):
    """Keeps the fewest inputs that cover what the kept and the new ones do, smaller ones first."""
    for target in arguments.target:
        folder = RUNS / target
        shutil.rmtree(folder / "merged", ignore_errors=True)
        (folder / "merged").mkdir(parents=True)
        (folder / "new").mkdir(exist_ok=True)
        unpack(target, folder / "kept")
        code = start(arguments.program, target, ["-set_cover_merge=1", f"-artifact_prefix={folder}/"],
                     [folder / "merged", folder / "kept", folder / "new"], folder / "merge.txt")
        if code != 0:
            print(f"{target}: see {folder / 'merge.txt'}", file=sys.stderr)
            return code
        chosen, size = set(), 0
        for path in sorted((folder / "merged").iterdir(), key=lambda path: path.stat().st_size):
            size += path.stat().st_size
            if size > KEPT_BYTES:
                break
            chosen.add(path.read_bytes())
        keep(target, chosen)
        print(f"{target}: {len(chosen)} inputs, {sum(map(len, chosen)):,} bytes")
    return 0


def add(arguments):
    keep(arguments.name, kept(arguments.name) | {pathlib.Path(path).read_bytes() for path in arguments.file})
    return 0


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
commands = parser.add_subparsers(required=True)
for name, action in [("run", run), ("keep", merge)]:
    command = commands.add_parser(name)
    command.add_argument("program")
    command.add_argument("--seconds", type=int, default=300)
    command.add_argument("--target", action="append", choices=TARGETS)
    command.set_defaults(action=action)
command = commands.add_parser("add")
command.add_argument("name")
command.add_argument("file", nargs="+")
command.set_defaults(action=add)
arguments = parser.parse_args()
if getattr(arguments, "target", ...) is None:
    arguments.target = TARGETS
sys.exit(arguments.action(arguments))
