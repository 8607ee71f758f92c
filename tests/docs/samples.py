#!/usr/bin/env python3
"""Runs the samples of the pages and compares what they show with what the program says.

    samples.py ROOT AM [PAGE...]   prints path:line: problem for each finding, exits 1 if there is one
    samples.py --write ROOT AM [PAGE...]   puts what AM says into the pages; read the diff
    samples.py --self-test         proves that each rule can fail

A sample is a fenced block with lines that begin with "$ ": each is run by bash, and what it writes has to be
the lines below it. A line "…" stands for any lines. What differs from run to run (KINDS) is compared by its
shape, and the columns of a table that holds such a thing by their words. A page begins with a database of its
own (`page` of tests/docs/prelude.sh), and its blocks follow each other in one directory. A comment right above
a block leads to its state, or says why it is not run:

    <!-- sample: lines of bash, with the functions of tests/docs/prelude.sh -->
    <!-- sample: not run, REASON -->
"""

import os
import re
import signal
import stat
import subprocess
import sys
import tempfile
from datetime import datetime, timedelta, timezone
from pathlib import Path

ANY = ("…", "...")
COMMENT = re.compile(r"<!-- sample: (.*?)\s*-->\s*\Z", re.S)
OUTSIDE = re.compile(r"(?:>|--to[ =])\s*/(?!dev/null\b)")
SECONDS = 300  # of a block, on a machine that is busy


def is_recent(at):
    """A moment near now is a clock's; the business times of the samples are not."""
    now = datetime.now(timezone.utc)
    return now - timedelta(hours=1) < at < now + timedelta(hours=25)


def is_clock(text):
    return is_recent(datetime.fromisoformat(text[:19] + "+00:00"))


def is_unix_clock(text):
    return is_recent(datetime.fromtimestamp(float(text), timezone.utc))


# shape, and when it is one (else it is compared as it is)
KINDS = [
    (r"\b[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\b", None),
    (r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z", is_clock),
    (r"\b1\d{9}(?:\.\d+)?\b", is_unix_clock),
    (r"\bPostgreSQL \d[\d.]*(?: on [^ ,]+, database \w+, user \w+)?", None),
    (r"\bhost [^ ,]+, pid \d+", None),
    (r"\bserver process \d+", None),
    (r"\bam \d+\.\d+\.\d+\b", None),
    (r"\bversion\W+\d+\.\d+\.\d+\b", None),
    (r'"[0-9a-f]{32}"', None),
]
VARIES = re.compile("|".join(f"(?P<k{i}>{shape})" for i, (shape, _) in enumerate(KINDS)))


def varying(text):
    for found in VARIES.finditer(text):
        shape, holds = KINDS[int(found.lastgroup[1:])]
        if not holds or holds(found.group()):
            yield found, shape


def pattern(line, loose):
    """What a page's line has to be when the program wrote `line`."""
    parts, end = [], 0
    for found, shape in varying(line):
        parts += [re.escape(line[end : found.start()]), f"(?:{shape})"]
        end = found.end()
    parts.append(re.escape(line[end:]))
    text = "".join(parts)
    return re.compile(re.sub(r"(?:\\ ){2,}", r" {2,}", text) if loose else text)


def agrees(shown, said):
    """Whether the lines `shown` by a page are those that were `said`."""
    loose = any(True for line in said for _ in varying(line))
    patterns = [pattern(line.rstrip(), loose) for line in said]
    reached = {0}  # how many lines of `said` the lines so far may stand for
    for line in shown:
        if line.strip() in ANY:
            reached = set(range(min(reached), len(said) + 1)) if reached else set()
        else:
            reached = {n + 1 for n in reached if n < len(said) and patterns[n].fullmatch(line.rstrip())}
    return len(said) in reached


def shortened(shown, said):
    """`said`, left out where `shown` leaves out: as many lines from the top and from the end as there are."""
    marks = [i for i, line in enumerate(shown) if line.strip() in ANY]
    if not marks:
        return said
    above, below = marks[0], len(shown) - marks[-1] - 1
    if len(marks) > 1 or above + below >= len(said):
        return None
    return said[:above] + [shown[marks[0]]] + said[len(said) - below :]


# --- the pages ---------------------------------------------------------------------------------------------


class Block:
    def __init__(self, line, lines, comment):
        self.line = line  # of the fence
        self.end = line + len(lines) + 1
        self.comment = comment
        self.stray = bool(lines) and not lines[0].startswith("$ ")
        self.commands = []  # line number, command, [lines shown]
        for number, text in enumerate(lines, line + 1):
            if text.startswith("$ "):
                self.commands.append((number, text[2:], []))
            elif self.commands:
                self.commands[-1][2].append(text)

    @property
    def reason(self):
        """Why it is not run; None if it is."""
        found = re.match(r"not run(?:,\s*(.*))?\Z", self.comment, re.S)
        return (found.group(1) or "") if found else None


def blocks_of(lines):
    at = 0
    while at < len(lines):
        if lines[at].startswith("```"):
            end = next(i for i in range(at + 1, len(lines)) if lines[i].startswith("```"))
            inside = lines[at + 1 : end]
            if any(line.startswith("$ ") for line in inside):
                above = "\n".join(lines[:at])
                found = COMMENT.search(above, above.rfind("<!--")) if "<!--" in above else None
                yield Block(at + 1, inside, found.group(1) if found else "")
            at = end
        at += 1


def pages_of(root):
    for path in [root / "README.md", *sorted((root / "docs").rglob("*.md"))]:
        if path.is_file() and "man" not in path.relative_to(root).parts[:-1]:
            yield path


# --- running -----------------------------------------------------------------------------------------------


class Desk:
    """A directory with nothing of this machine's own configuration."""

    def __init__(self, root, am, folder):
        self.folder = Path(folder)
        self.work = self.folder / "work"
        self.prelude = root / "tests/docs/prelude.sh"
        self.root = root
        (self.folder / "am.toml").touch()
        self.environment = {
            "HOME": folder,
            "AM_CONFIG": f"{folder}/am.toml",
            "AM_LOG_FORMAT": "text",
            "LOG_LEVEL": "error",
            "LC_ALL": "C.UTF-8",
            "PATH": f"{am.parent}:{os.environ.get('PATH', '')}",
            "EXAMPLES": str(root / "examples"),
            "AM_TEST_PG_DIR": os.environ.get("AM_TEST_PG_DIR", ""),
            "AM_SAMPLES": f"am_samples_{os.getpid()}",
        }

    def bash(self, *lines):
        """Runs lines of bash; what they leave running is killed. Returns None, or what went wrong."""
        script = "\n".join(["set -euo pipefail", f'source "{self.prelude}"', *lines])
        with open(self.folder / "log", "w+", encoding="utf-8") as log:
            shell = subprocess.Popen(
                ["bash", "-c", script],
                cwd=self.work if self.work.is_dir() else self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
            try:
                code = shell.wait(SECONDS)
            except subprocess.TimeoutExpired:
                code = f"more than {SECONDS} seconds"
            try:
                os.killpg(shell.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            shell.wait()
            log.seek(0)
            return None if code == 0 else f"{code}: {log.read().strip()}"

    def turn_to_page(self):
        subprocess.run(["rm", "-rf", str(self.work)], check=True)
        self.work.mkdir()
        (self.work / "examples").symlink_to(self.root / "examples")
        return self.bash("page")

    def run(self, block):
        """What went wrong before the commands, and the lines that each wrote."""
        outputs = [self.folder / f"output{i}" for i in range(len(block.commands))]
        lines = [block.comment, "set +euo pipefail"]
        for output, (_, command, _) in zip(outputs, block.commands):
            lines.append(f'{{\n{command}\n}} >"{output}" 2>&1')
        problem = self.bash(*lines, "true")
        if problem:
            return problem, []
        return None, [output.read_text(encoding="utf-8").splitlines() for output in outputs]


def check_page(desk, path, write):
    name = path.relative_to(desk.root).as_posix()
    lines = path.read_text(encoding="utf-8").split("\n")
    blocks = list(blocks_of(lines))
    if any(block.reason is None for block in blocks) and (problem := desk.turn_to_page()):
        yield f"{name}:1: its database: {problem}"
        return
    changes = []
    for block in blocks:
        if block.stray:
            yield f"{name}:{block.line + 1}: a line before the first command"
        if block.reason is not None:
            if not block.reason.strip():
                yield f"{name}:{block.line}: not run, without a reason"
            continue
        if outside := [n for n, command, _ in block.commands if OUTSIDE.search(command)]:
            yield f"{name}:{outside[0]}: it writes outside of the directory of the samples"
            continue
        problem, outputs = desk.run(block)
        if problem:
            yield f"{name}:{block.line}: cannot be run: {problem}"
        for (number, command, shown), said in zip(block.commands, outputs):
            if agrees(shown, said):
                continue
            new = shortened(shown, said) if write else None
            if new is not None:
                changes.append((number, len(shown), new))
                continue
            yield f"{name}:{number}: $ {command}: it says now:\n" + "\n".join("    " + line for line in said)
    for number, count, new in reversed(changes):
        lines[number : number + count] = [line.rstrip() for line in new]
    if changes:
        path.write_text("\n".join(lines), encoding="utf-8")


def check(root, am, write=False, only=()):
    root, am = root.resolve(), am.resolve()
    findings = []
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(root, am, folder)
        if problem := desk.bash("begin"):
            return [f"tests/docs/prelude.sh: begin: {problem}"]
        for path in pages_of(root):
            if not only or path.relative_to(root).as_posix() in only:
                findings += check_page(desk, path, write)
        desk.bash("end")
    return findings


# --- its own test ------------------------------------------------------------------------------------------

FAKE_AM = r"""#!/bin/sh
case "$1" in
  count) cat count; echo x >>count ;;
  table) printf 'id                                    at                       n\n'
         printf '01a20112-4c3f-7948-99bc-82025d1125f0  %s  1\n' "$(date -u +%FT%T.1Z)" ;;
  past) echo 2000-01-03T14:00:00Z ;;
  long) seq 9 ;;
  *) echo "am: $1" >&2 ;;
esac
"""

GOOD = """# Page

```
$ am oops | cat
am: oops
```
<!-- sample: echo one >count
echo two >>count -->
```
$ am count
one
two
$ am table
id                                    at                    n
01a20112-aaaa-7aaa-8aaa-aaaaaaaaaaaa  2025-01-01T00:00:00Z  1
```

```
$ am count
one
…
x
$ am past
2000-01-03T14:00:00Z
$ am long
1
…
5
...
8
9
```

<!-- sample: not run, it would burn -->

```
$ am burn
ashes
```
"""

# old, new, what has to be found
FAULTS = [
    ("am: oops\n", "am: oups\n", "README.md:4: $ am oops | cat: it says now:\n    am: oops"),
    ("am: oops\n", "", "README.md:4: $ am oops"),
    ("$ am oops", "$ am ouch", "README.md:4: $ am ouch"),
    ("one\ntwo\n", "one\ntwo\nthree\n", "$ am count"),
    ("…\nx\n", "…\ny\n", "$ am count"),
    ("1\n…", "2\n…", "$ am long"),
    ("8\n9", "8", "$ am long"),
    ("…\n5", "…\n9\n5", "$ am long"),
    ("01a20112-aaaa", "01a20112-a", "$ am table"),
    ("00Z  1", "00Z  2", "$ am table"),
    ("2000-01-03T14", "2000-01-03T15", "$ am past"),
    ("```\n$ am oops", "```\nstray\n$ am oops", "README.md:4: a line before the first command"),
    ("not run, it would burn", "not run", "README.md:36: not run, without a reason"),
    ("<!-- sample: not run, it would burn -->", "", "$ am burn: it says now:\n    am: burn"),
    ("$ am oops | cat", "$ am oops >/etc/oops", "README.md:4: it writes outside"),
    ("echo one >count", "false", "README.md:9: cannot be run: 1"),
]


def self_test():
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        root, am = Path(folder, "tree"), Path(folder, "am")
        page, prelude = root / "README.md", root / "tests/docs/prelude.sh"
        prelude.parent.mkdir(parents=True)
        prelude.write_text("begin() { :; }\npage() { :; }\nend() { :; }\n", encoding="utf-8")
        am.write_text(FAKE_AM, encoding="utf-8")
        am.chmod(am.stat().st_mode | stat.S_IXUSR)
        page.write_text(GOOD, encoding="utf-8")
        if good := check(root, am):
            print("self-test: a good page has findings:", *good, sep="\n  ")
            failed += 1
        for old, new, expected in FAULTS:
            page.write_text(GOOD.replace(old, new, 1), encoding="utf-8")
            found = check(root, am)
            if not any(expected in line for line in found):
                print(f"self-test: {old!r} -> {new!r}: expected {expected!r}, got {found}")
                failed += 1
        page.write_text(GOOD.replace("am: oops\n", "am: oups\n").replace("one\ntwo", "two"), encoding="utf-8")
        if (found := check(root, am, write=True)) or page.read_text(encoding="utf-8") != GOOD:
            print(f"self-test: --write does not mend: {found}", page.read_text(encoding="utf-8"), sep="\n")
            failed += 1
    return 1 if failed else 0


def main(arguments):
    if arguments == ["--self-test"]:
        return self_test()
    write = arguments[:1] == ["--write"]
    arguments = arguments[write:]
    if len(arguments) < 2:
        print(__doc__, file=sys.stderr)
        return 64
    findings = check(Path(arguments[0]), Path(arguments[1]), write, arguments[2:])
    print(*findings, sep="\n", end="\n" if findings else "")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
