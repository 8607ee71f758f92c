#!/usr/bin/env python3
"""Checks the documentation against the program and the tree.

    docs.py ROOT AM        prints path:line: problem for each finding, exits 1 if there is one
    docs.py --links DIR    the same for the links of the pages as they are installed in DIR
    docs.py --self-test    proves that each rule can fail

Rules: every command has a page under docs/commands with its options, its exit codes and an example, and an
example in its help; every exit code and every configuration key is documented as the program has it, the keys
in examples/am.toml too, which must load as it is and with every line uncommented; no page calls a command or
an option that does not exist; every link, path and section that pages, sources and scripts refer to is there.
"""

import json
import os
import re
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

SKIPPED = (".git/", ".am/", "build/", "tests/golden/", "tests/fixtures/", "tests/fuzz/corpus/", "tests/lint/")
WORD = re.compile(r"[a-z][a-z-]*$")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
SPAN = re.compile(r"`([^`]+)`")
HEADING = re.compile(r"^(#{1,6})\s+(.*?)\s*$")
OURS = re.compile(r"^(src|include|tests|scripts|migrations|examples|docs|systemd|bench|cmake|\.ci)/[\w./*-]*$")
REFERENCE = re.compile(r"\bdocs/[\w/-]+\.md\b")
SECTION = re.compile(r"\b(docs/[\w/-]+\.md), \"([^\"]+)\"")


# --- the program -------------------------------------------------------------------------------------------


class Program:
    def __init__(self, path, home):
        self.path = path
        # Nothing of this machine's own configuration.
        Path(home, "am.toml").touch()
        self.environment = {"HOME": home, "AM_CONFIG": home + "/am.toml", "PATH": os.environ.get("PATH", "")}
        self.options = {}  # command path -> set of --options; "" is the whole program
        self.codes = {}  # command path -> list of numbers; only what can be run
        self.examples = {}
        self.children = {}
        self.walk([])

    def run(self, *arguments):
        return subprocess.run(
            [self.path, *arguments], env=self.environment, capture_output=True, text=True, check=False
        )

    def json(self, *arguments):
        return json.loads(self.run(*arguments, "-o", "json").stdout)["data"]

    def walk(self, words):
        text = self.run(*words, "--help").stdout
        path = " ".join(words)
        self.options[path] = set(re.findall(r"^\s+(?:-\w,\s*)?(--[a-z-]+)", text, re.M)) - {"--help"}
        if words:  # every command repeats it with its own formats
            self.options[path] -= {"--output"}
        self.children[path] = re.findall(r"^  ([a-z][a-z-]*) {2,}\S", block(text, "Commands:"), re.M)
        self.examples[path] = [line for line in block(text, "Examples:").splitlines() if line.strip()]
        codes = re.findall(r"^\s+(\d+)  ", block(text, "Exit codes:"), re.M)
        if codes and words:
            self.codes[path] = codes
        for child in self.children[path]:
            self.walk([*words, child])

    def objection(self, call):
        """Why "am CALL" cannot be run, as far as its words and options tell; None if it can."""
        path = ""
        for word in call.split():
            if word in ("|", "||", "&&", ">", "<", "#", ";"):
                break
            if word.startswith("--"):
                name = word.split("=")[0].rstrip(",;.)")
                if WORD.match(name[2:]) and name != "--help" and name not in self.options[path] | self.options[""]:
                    return f"unknown option {name} of am {path}".rstrip()
            elif self.children[path] and WORD.match(word):
                if word not in self.children[path]:
                    return f"unknown command am {path} {word}".replace("  ", " ")
                path = f"{path} {word}".strip()
        return None


def block(text, title):
    """The indented lines under a title line."""
    found = re.search(rf"^{re.escape(title)}\n((?:[ \t]+.*\n?)*)", text, re.M)
    return found.group(1) if found else ""


# --- the pages ---------------------------------------------------------------------------------------------


class Page:
    def __init__(self, root, path):
        self.path = path
        self.prose = []  # (line number, text without code blocks)
        self.code = []  # (line number, line of a code block)
        self.headings = []  # (line number, text)
        self.lines = (root / path).read_text(encoding="utf-8").splitlines()
        fenced = False
        for number, line in enumerate(self.lines, 1):
            if line.startswith("```"):
                fenced = not fenced
            elif fenced:
                self.code.append((number, line))
            else:
                self.prose.append((number, line))
                if found := HEADING.match(line):
                    self.headings.append((number, found.group(2)))

    def anchors(self):
        seen = {}
        for _, text in self.headings:
            slug = re.sub(r"[^\w\- ]", "", text.lower().strip()).replace(" ", "-")
            count = seen.get(slug, 0)
            seen[slug] = count + 1
            yield slug if count == 0 else f"{slug}-{count}"

    def section(self, title):
        """The lines from the heading `title` to the next heading of a command."""
        start = next((n for n, text in self.headings if text.strip("`") == title), None)
        if start is None:
            return None
        end = next((n for n, text in self.headings if n > start and text.startswith("am ")), len(self.lines) + 1)
        return self.lines[start : end - 1]


def files(root):
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if path.is_file() and not name.startswith(SKIPPED):
            yield name


def text_of(root, name):
    try:
        return (root / name).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


# --- the rules ---------------------------------------------------------------------------------------------


def check_commands(program, pages):
    for path, codes in program.codes.items():
        if not program.examples[path]:
            yield f"am {path}: no example in its help"
        page = pages.get(f"docs/commands/{path.split()[0]}.md")
        section = page.section(f"am {path}") if page else None
        if section is None:
            yield f'docs/commands/{path.split()[0]}.md:1: no section "am {path}"'
            continue
        where = f'{page.path}: "am {path}"'
        text = "\n".join(section)
        for option in sorted(program.options[path]):
            if not re.search(re.escape(option) + r"(?![a-z-])", text):
                yield f"{where}: option {option} is missing"
        stated = re.search(r"^Exit codes: ([\d, ]+)$", text, re.M)
        if not stated or re.split(r",\s*", stated.group(1).strip()) != codes:
            yield f"{where}: expected the line \"Exit codes: {', '.join(codes)}\""
        if not re.search(rf"^\$ am {re.escape(path)}\b", text, re.M):
            yield f'{where}: no example "$ am {path}"'
    for name in pages:
        if name.startswith("docs/commands/") and Path(name).stem not in program.children[""]:
            yield f"{name}:1: no such command"


def check_globals(program, pages):
    text = "\n".join(pages["docs/output.md"].lines) if "docs/output.md" in pages else ""
    for option in sorted(program.options[""]):
        if option not in text:
            yield f"docs/output.md:1: option {option} of every command is missing"


def check_exit_codes(program, pages):
    page = pages.get("docs/exit-codes.md")
    rows = {}
    for number, line in page.prose if page else []:
        if found := re.match(r"\| (\d+) \| `(\w+)` \| (.*?) \|", line):
            rows[int(found.group(1))] = (number, found.group(2), found.group(3))
    for code in program.json("exit-codes"):
        number, name, meaning = rows.pop(code["code"], (1, "", ""))
        if name != code["name"] or code["meaning"] not in meaning.replace("`", ""):
            yield f"docs/exit-codes.md:{number}: expected {code['code']} {code['name']}: {code['meaning']}"
    for code, (number, _, _) in rows.items():
        yield f"docs/exit-codes.md:{number}: no such exit code: {code}"


def check_keys(root, program, pages):
    page = pages.get("docs/configuration.md")
    rows = {}
    for number, line in page.prose if page else []:
        if found := re.match(r"\| `([\w.]+)` \| (?:`(\w+)`)? ?\| (?:`([^`]*)`|none[^|]*?) \|", line):
            rows[found.group(1)] = (number, found.group(2) or "", found.group(3) or "")
    keys = program.json("config", "show")["keys"]
    for key in keys:
        number, variable, default = rows.pop(key["key"], (1, None, None))
        if (variable, default) != (key["env"], key["value"]):
            yield f"docs/configuration.md:{number}: expected {key['key']}, {key['env']}, default \"{key['value']}\""
    for name, (number, _, _) in rows.items():
        yield f"docs/configuration.md:{number}: no such key: {name}"

    example = root / "examples/am.toml"
    if not example.is_file():
        yield "examples/am.toml:1: missing"
        return
    section, found, uncommented = "", {}, []
    for number, line in enumerate(example.read_text(encoding="utf-8").splitlines(), 1):
        if header := re.match(r"\[(\w+)\]", line):
            section = header.group(1)
        elif entry := re.match(r"(?:# )?(\w+) = (\"[^\"]*\"|\S+)", line):
            found[f"{section}.{entry.group(1)}"] = (number, entry.group(2).strip('"'))
            line = line.removeprefix("# ")
        uncommented.append(line)
    for key in keys:
        number, value = found.pop(key["key"], (1, None))
        if value is None:
            yield f"examples/am.toml:1: key {key['key']} is missing"
        elif key["value"] not in ("", value):
            yield f"examples/am.toml:{number}: {key['key']}: expected its default \"{key['value']}\""
    for name, (number, _) in found.items():
        yield f"examples/am.toml:{number}: no such key: {name}"
    with tempfile.NamedTemporaryFile("w", suffix=".toml", encoding="utf-8") as whole:
        whole.write("\n".join(uncommented) + "\n")
        whole.flush()
        for path, how in ((str(example), "as it is"), (whole.name, "uncommented")):
            if (run := program.run("config", "check", "--config", path)).returncode != 0:
                yield f"examples/am.toml:1: does not load {how}: {run.stderr.strip().splitlines()[0]}"


def check_calls(root, program, pages):
    for page in pages.values():
        calls = [(n, span) for n, line in page.prose for span in SPAN.findall(line)]
        calls += [(n, line.strip().removeprefix("$ ")) for n, line in page.code]
        for number, call in calls:
            for part in re.findall(r"(?:^|[\w'\"] {2,}|&& |\| |\$\()am ([^`]*)", call):
                if problem := program.objection(part):
                    yield f"{page.path}:{number}: {problem}"
    for name in files(root):
        if name != "crontab.example" and not re.match(r"systemd/.*\.service$", name):
            continue
        for number, line in enumerate(text_of(root, name).splitlines(), 1):
            for part in re.findall(r"/bin/am (.*)", "" if line.startswith("#") else line):
                if problem := program.objection(part):
                    yield f"{name}:{number}: {problem}"


def check_links(root, pages):
    for page in pages.values():
        for number, line in page.prose:
            for span in SPAN.findall(line):
                if OURS.match(span) and not any(root.glob(span.rstrip("/"))):
                    yield f"{page.path}:{number}: no such path: {span}"
    yield from dead_links(root, pages)


def dead_links(root, pages):
    for page in pages.values():
        folder = (root / page.path).parent
        for number, line in page.prose:
            for target in LINK.findall(SPAN.sub("", line) if "](" not in line else line):
                if re.match(r"[a-z]+:", target):
                    continue
                path, _, anchor = target.partition("#")
                file = (folder / path).resolve() if path else root / page.path
                if not file.exists():
                    yield f"{page.path}:{number}: broken link: {target}"
                elif anchor:
                    name = file.relative_to(root.resolve()).as_posix() if path else page.path
                    if name not in pages or anchor not in pages[name].anchors():
                        yield f"{page.path}:{number}: no such section: {target}"


def check_references(root, pages):
    for name in files(root):
        text = text_of(root, name)
        for found in REFERENCE.finditer(text):
            if not name.endswith(".md") and not (root / found.group()).is_file():
                yield f"{name}:{text.count(chr(10), 0, found.start()) + 1}: no such page: {found.group()}"
        joined = re.sub(r"\n[ \t]*(?:///?|#|--|\*)?[ \t]*", " ", text)
        for path, title in SECTION.findall(joined):
            if path in pages and title not in [text for _, text in pages[path].headings]:
                yield f'{name}: no section "{title}" in {path}'


def pages_of(root):
    return {name: Page(root, name) for name in files(root) if name.endswith(".md")}


def check(root, am):
    with tempfile.TemporaryDirectory() as home:
        program = Program(am, home)
        pages = pages_of(root)
        findings = []
        findings += check_commands(program, pages)
        findings += check_globals(program, pages)
        findings += check_exit_codes(program, pages)
        findings += check_keys(root, program, pages)
        findings += check_calls(root, program, pages)
        findings += check_links(root, pages)
        findings += check_references(root, pages)
        return findings


# --- its own test ------------------------------------------------------------------------------------------

FAKE_AM = r'''#!/bin/sh
leaf() { printf 'Options:\n  --deep N  how deep\n\nExamples:\n  am x\n\nExit codes:\n    0  fine\n   64  bad\n'; }
case "$*" in
  --help) printf 'Options:\n  -q,--quiet   less\n\nCommands:\n  dig         dig\n  exit-codes  codes\n  config      settings\n' ;;
  'dig --help') leaf ;;
  'config --help') printf 'Commands:\n  show   show\n  check  check\n' ;;
  *--help) leaf | sed '/--deep/d; /64/d' ;;
  exit-codes*) echo '{"data": [{"code": 0, "name": "ok", "meaning": "fine"}]}' ;;
  'config show'*) echo '{"data": {"keys": [{"key": "log.level", "env": "LOG_LEVEL", "value": "info"}]}}' ;;
  'config check'*) if grep -q oops "$4"; then echo 'am: config: oops' >&2; exit 78; fi ;;
esac
'''

FAKE_TREE = {
    "docs/output.md": "# Output\n`--quiet`\n",
    "docs/exit-codes.md": "# Exit codes\n| 0 | `ok` | all fine |\n",
    "docs/configuration.md": "# Configuration\n| `log.level` | `LOG_LEVEL` | `info` | level |\n",
    "examples/am.toml": '[log]\n# level = "info"   # least severe\n',
    "docs/commands/dig.md": "# am dig\n`--deep N`\n```\n$ am dig --deep 3\n```\nExit codes: 0, 64\n",
    "docs/commands/exit-codes.md": "# am exit-codes\n```\n$ am exit-codes\n```\nExit codes: 0\n",
    "docs/commands/config.md": "# am config show\n```\n$ am config show\n```\nExit codes: 0\n\n## am config check\n```\n$ am config check\n```\nExit codes: 0\n",
    "README.md": "# X\n[dig](docs/commands/dig.md#am-dig), `src/a.cpp`, `am dig --quiet`\n## Part two\n[up](#part-two)\n",
    "src/a.cpp": '// docs/output.md,\n// "Output".\n',
    "crontab.example": "5 * * * * /usr/local/bin/am dig --quiet\n",
    "systemd/am.service": "ExecStart=/usr/local/bin/am dig\n",
}

# file, old, new, what has to be found
FAULTS = [
    ("docs/commands/dig.md", "# am dig", "# am dog", 'no section "am dig"'),
    ("docs/commands/dig.md", "--deep", "--deeper", "option --deep is missing"),
    ("docs/commands/dig.md", "0, 64", "0", 'expected the line "Exit codes: 0, 64"'),
    ("docs/commands/dig.md", "$ am dig --deep 3", "--deep", 'no example "$ am dig"'),
    ("docs/commands/dog.md", None, "# am dog\n", "docs/commands/dog.md:1: no such command"),
    ("docs/output.md", "`--quiet`", "", "option --quiet of every command is missing"),
    ("docs/exit-codes.md", "all fine", "bad", "docs/exit-codes.md:2: expected 0 ok: fine"),
    ("docs/exit-codes.md", "| 0 | `ok`", "| 9 | `ok`", "no such exit code: 9"),
    ("docs/configuration.md", "`info`", "`warn`", 'docs/configuration.md:2: expected log.level, LOG_LEVEL, default "info"'),
    ("docs/configuration.md", "log.level", "log.leval", "no such key: log.leval"),
    ("examples/am.toml", "# level", "# leval", "key log.level is missing"),
    ("examples/am.toml", "info", "debug", 'expected its default "info"'),
    ("examples/am.toml", "level", "oops", "does not load as it is: am: config: oops"),
    ("README.md", "`am dig --quiet`", "`am dog`", "README.md:2: unknown command am dog"),
    ("README.md", "`am dig --quiet`", "`am config shaw`", "README.md:2: unknown command am config shaw"),
    ("README.md", "`am dig --quiet`", "`am dig --steep`", "README.md:2: unknown option --steep of am dig"),
    ("crontab.example", "dig", "dog", "crontab.example:1: unknown command am dog"),
    ("systemd/am.service", "dig", "dig --wide", "systemd/am.service:1: unknown option --wide"),
    ("README.md", "dig.md#am-dig", "dog.md", "README.md:2: broken link: docs/commands/dog.md"),
    ("README.md", "#am-dig", "#am-dog", "no such section: docs/commands/dig.md#am-dog"),
    ("README.md", "(#part-two)", "(#part-ten)", "README.md:4: no such section: #part-ten"),
    ("README.md", "src/a.cpp", "src/b.cpp", "README.md:2: no such path: src/b.cpp"),
    ("src/a.cpp", "output.md", "input.md", "src/a.cpp:1: no such page: docs/input.md"),
    ("src/a.cpp", '"Output"', '"Input"', 'src/a.cpp: no section "Input" in docs/output.md'),
]


def self_test():
    failed = 0

    def findings_of(change=None):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder) / "tree"
            tree = dict(FAKE_TREE)
            if change:
                name, old, new = change
                tree[name] = new if old is None else tree[name].replace(old, new)
            for name, text in tree.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text, encoding="utf-8")
            am = Path(folder) / "am"
            am.write_text(FAKE_AM, encoding="utf-8")
            am.chmod(am.stat().st_mode | stat.S_IXUSR)
            return check(root, str(am))

    if good := findings_of():
        print("self-test: a good tree has findings:", *good, sep="\n  ")
        failed += 1
    for name, old, new, expected in FAULTS:
        found = findings_of((name, old, new))
        if not any(expected in line for line in found):
            print(f"self-test: {name}: {old!r} -> {new!r}: expected {expected!r}, got {found}")
            failed += 1
    return 1 if failed else 0


def main(arguments):
    if arguments == ["--self-test"]:
        return self_test()
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 64
    if arguments[0] == "--links":
        root = Path(arguments[1])
        findings = list(dead_links(root, pages_of(root))) if (root / "README.md").is_file() else [f"{root}: no pages"]
    else:
        findings = check(Path(arguments[0]), str(Path(arguments[1]).resolve()))
    print(*findings, sep="\n", end="\n" if findings else "")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
