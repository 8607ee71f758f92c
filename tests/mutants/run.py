#!/usr/bin/env python3
"""Puts the faults of list.toml into the program, one at a time, and tells which of them no test notices.

    run.py [--only REGEX | --only 3,7-9]   exits 1 when less than 95 % of them are noticed
    run.py --list                          with their numbers

Works on a copy of the tree in build/mutants, which is kept: the next run compiles only what has changed. A fault that
does not compile is a mistake of the list, and so is one whose tests fail without it.
"""

import argparse
import fcntl
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/lint"))
import mutants as lint  # noqa: E402

TREE = ROOT / "build/mutants"
BUILD = TREE / "build/release"
ENOUGH = 0.95
SECONDS = 60  # for one test: some faults never end
FAILED = re.compile(r"^\s*\d+ - (.+) \((?!Not Run)[^()]*\)$", re.M)


def run(*command, **options):
    return subprocess.run([str(word) for word in command], cwd=TREE, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False, **options)


def must(what, *command):
    done = run(*command)
    if done.returncode != 0:
        sys.exit(f"{done.stdout[-8000:]}\nmutants: {what} failed")
    return done.stdout


def bring_up_to_date():
    """What has not changed keeps its time, so that it is not compiled again."""
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT,
                            stdout=subprocess.PIPE, check=True).stdout.decode().split("\0")
    names = {name for name in listed if name and (ROOT / name).is_file()}
    for name in names:
        here, there = ROOT / name, TREE / name
        content = here.read_bytes()
        if not there.is_file() or there.read_bytes() != content:
            there.parent.mkdir(parents=True, exist_ok=True)
            there.write_bytes(content)
        there.chmod(here.stat().st_mode)
    for folder, _, files in os.walk(TREE):
        if Path(folder) == TREE / "build" or TREE / "build" in Path(folder).parents:
            continue
        for file in files:
            if (Path(folder) / file).relative_to(TREE).as_posix() not in names:
                (Path(folder) / file).unlink()


def build(*targets):
    return run("ninja", "-C", BUILD, *targets)


def tests():
    """The name of every test, and the target that its program is."""
    shown = json.loads(must("ctest", "ctest", "--test-dir", BUILD, "--show-only=json-v1"))
    return {test["name"]: Path(test["command"][0]).name for test in shown["tests"] if "command" in test}


def ctest(pattern, *more):
    return run("ctest", "--test-dir", BUILD, "-R", pattern, "-FA", "^pg$", "-j2", "--timeout", SECONDS,
               "--no-tests=error", *more)


def prove_sound(chosen):
    """Without a fault every test of the list has to pass."""
    patterns = sorted({mutant["tests"] for _, mutant in chosen})
    some = 10  # CMake's expressions have room for 32 parentheses
    for first in range(0, len(patterns), some):
        done = ctest("|".join(patterns[first : first + some]), "--output-on-failure")
        if done.returncode != 0:
            sys.exit(f"{done.stdout[-4000:]}\nmutants: tests fail without any fault")


def try_mutant(mutant, targets):
    """The test that noticed it; nothing when none did."""
    file = TREE / mutant["file"]
    sound = file.read_text(encoding="utf-8")
    file.write_text(sound.replace(mutant["from"], mutant["to"]), encoding="utf-8")
    try:
        built = build(*targets)
        if built.returncode != 0:
            sys.exit(f"{built.stdout[-4000:]}\nmutants: {mutant['file']} ({mutant['what']}) does not compile")
        done = ctest(mutant["tests"], "--stop-on-failure")
        if done.returncode == 0:
            return None
        failed = FAILED.search(done.stdout)
        return failed[1].split("  #")[0] if failed else "their program itself"
    finally:
        file.write_text(sound, encoding="utf-8")


def chosen_of(mutants, only):
    if only is None:
        return mutants
    if re.fullmatch(r"\d+(-\d+)?(,\d+(-\d+)?)*", only):
        ranges = [[int(n) for n in part.split("-")] for part in only.split(",")]
        return [(n, m) for n, m in mutants if any(r[0] <= n <= r[-1] for r in ranges)]
    return [(n, m) for n, m in mutants if re.search(only, title(m))]


def title(mutant):
    return f"{mutant['file']}: {mutant['what']}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", metavar="REGEX|NUMBERS")
    parser.add_argument("--list", action="store_true")
    asked = parser.parse_args()
    chosen = chosen_of(list(enumerate(lint.read(ROOT), 1)), asked.only)
    if asked.list:
        for number, mutant in chosen:
            print(f"{number:3} {title(mutant)}")
        return 0
    if problems := lint.check(ROOT):
        sys.exit("\n".join(problems))
    if not chosen:
        sys.exit(f"mutants: none is called {asked.only}")

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    TREE.mkdir(parents=True, exist_ok=True)
    alone = os.open(TREE, os.O_RDONLY)  # until this process ends
    try:
        fcntl.flock(alone, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.exit(f"mutants: another run is at {TREE}")
    bring_up_to_date()
    print("mutants: building without a fault", flush=True)
    linker = next((f"-fuse-ld={name}" for name in ("mold", "lld", "gold") if shutil.which(f"ld.{name}")), "")
    must("cmake", "cmake", "--preset", "release", f"-DCMAKE_EXE_LINKER_FLAGS={linker}")
    must("the build", "ninja", "-C", BUILD, "am", "am_crash", "unit_tests", "pg_tests", "cli_tests")
    target_of = tests()
    began = time.monotonic()
    survivors = []
    must("PostgreSQL", TREE / "scripts/pg-cluster", "start", BUILD / "pg", "--scram-role", "am_scram")
    try:
        prove_sound(chosen)
        for number, mutant in chosen:
            targets = {target for name, target in target_of.items() if re.search(mutant["tests"], name)}
            start = time.monotonic()
            killer = try_mutant(mutant, targets)
            if killer is None:
                survivors.append((number, mutant))
            said = f"noticed by {killer}" if killer else "SURVIVED"
            print(f"{number:3} {title(mutant)}: {said} ({time.monotonic() - start:.0f} s)", flush=True)
    finally:
        run(TREE / "scripts/pg-cluster", "stop", BUILD / "pg")

    noticed = len(chosen) - len(survivors)
    for number, mutant in survivors:
        print(f"survived: {number} {title(mutant)} (tests: {mutant['tests']})")
    print(f"mutants: {noticed} of {len(chosen)} noticed, {100 * noticed / len(chosen):.1f} % "
          f"(expected at least {100 * ENOUGH:.0f} %), in {(time.monotonic() - began) / 60:.0f} min")
    return 0 if noticed >= ENOUGH * len(chosen) else 1


if __name__ == "__main__":
    sys.exit(main())
