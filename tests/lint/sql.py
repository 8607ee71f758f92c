#!/usr/bin/env python3
"""Checks that the program's SQL names the schema of every table: another search_path must not lead it elsewhere.

    sql.py ROOT          prints path:line: problem for each finding, exits 1 if there is one
    sql.py --self-test   proves that each rule can fail

Reads the string literals of src and include. Keywords of SQL are written in capitals there, so that FROM is one and
"from" is not. A name needs no schema where the same file makes it (WITH name AS), and where it is a function's.
"""

import re
import sys
import tempfile
from pathlib import Path

TOKEN = re.compile(
    r"""//[^\n]*|/\*.*?\*/|R"(?P<tag>[^\s()\\]*)\((?P<raw>.*?)\)(?P=tag)"|"(?P<text>(?:[^"\\\n]|\\.)*)"|'(?:[^'\\\n]|\\.)+'""",
    re.S,
)
NAME = r'"?[A-Za-z_][A-Za-z0-9_]*"?'
# What follows one of these is a table, or something that stands for one: in a query that may be a function.
QUERIED = re.compile(rf"\b(?:FROM|JOIN)\s+(?:ONLY\s+)?(?P<name>{NAME})(?!\s*[.(]|\w)")
CHANGED = re.compile(
    rf"\b(?:INTO|UPDATE|REFERENCES|TRUNCATE|LOCK TABLE|(?:CREATE|ALTER|DROP) TABLE)(?: IF (?:NOT )?EXISTS)?"
    rf"\s+(?:ONLY\s+)?(?P<name>{NAME})(?!\s*\.|\w)"
)
# The second table of a list: FROM a, b or FROM a AS x, b.
LISTED = re.compile(rf"\bFROM\s+(?:[\w.]+(?:\s+(?:AS\s+)?[a-z]\w*)?\s*,\s*)+(?P<name>{NAME})(?!\s*[.(]|\w)")
CAST = re.compile(rf"to_regclass\('(?P<one>{NAME})'\)|'(?P<two>{NAME})'::regclass")
KEYWORDS = {"SELECT", "LATERAL", "ONLY", "SET", "OF", "SKIP", "NOWAIT", "IF", "STDIN"}
EXTRACT = re.compile(r"extract\(\w+ FROM", re.I)
MADE = re.compile(r"\b(\w+)(?:\s*\([\w, ]*\))?\s+AS\s+(?:NOT\s+)?(?:MATERIALIZED\s+)?\(")


def literals(text):
    """(offset, content) of the string literals; those with nothing but space between are one."""
    joined = []
    end = None
    for token in TOKEN.finditer(text):
        content = token["raw"] if token["raw"] is not None else token["text"]
        if content is None:
            continue
        if token["raw"] is None:
            content = content.replace('\\"', '"')
        if joined and end is not None and not text[end : token.start()].strip():
            joined[-1] = (joined[-1][0], joined[-1][1] + content)
        else:
            joined.append((token.start(), content))
        end = token.end()
    return joined


def findings(text):
    parts = literals(text)
    made = {name.lower() for _, content in parts for name in MADE.findall(content)}
    for offset, content in parts:
        line = text.count("\n", 0, offset) + 1
        content = EXTRACT.sub("extract(", content)
        for pattern in (QUERIED, CHANGED, LISTED):
            for found in pattern.finditer(content):
                name = found["name"].strip('"')
                if name in KEYWORDS or name.lower() in made:
                    continue
                yield line, f"table {name} without its schema"
        for found in CAST.finditer(content):
            yield line, f"table {found['one'] or found['two']} without its schema"


def check(root):
    root = Path(root)
    problems = []
    for folder in ("src", "include"):
        for file in sorted((root / folder).rglob("*.[ch]pp")):
            path = file.relative_to(root).as_posix()
            for line, problem in findings(file.read_text(encoding="utf-8")):
                problems.append(f"{path}:{line}: {problem}")
    return problems


GOOD = [
    'q("SELECT a FROM public.batches b JOIN ops.runs r ON true");',
    'q("WITH gone AS (SELECT 1) SELECT * FROM gone");',
    'q("old AS MATERIALIZED (", kOld, ") ", "SELECT count(*) FROM old");',
    'q("SELECT n FROM unnest($1::int[]) AS n, generate_series(1, 2)");',
    'q("SELECT 1 FROM public.batches FOR UPDATE OF b SKIP LOCKED");',
    'q("INSERT INTO ops.runs VALUES (1) ON CONFLICT DO UPDATE SET a = 1");',
    'q("SELECT extract(epoch FROM at), extract(epoch FROM (now()))");',
    '// FROM batches\nq("take it from batches");',
    """char c = '"'; q("FROM public.batches");""",
    """q("SELECT to_regclass('public.batches')");""",
]
BAD = [
    ('q("SELECT a FROM batches");', "1: table batches"),
    ('\nq("SELECT a "\n  "FROM ops.runs r LEFT "\n  "JOIN batches b");', "2: table batches"),
    ('q("INSERT INTO picks VALUES (1)");', "table picks"),
    ('q("UPDATE batches SET a = 1");', "table batches"),
    ('q("DELETE FROM schema_migrations");', "table schema_migrations"),
    ('q("CREATE TABLE IF NOT EXISTS jobs (n int)");', "table jobs"),
    ('q("SELECT 1 FROM public.batches b, picks p");', "table picks"),
    ('auto s = R"(\nSELECT 1\nFROM batches)";', "1: table batches"),
    ("q(\"SELECT to_regclass('batches')\");", "table batches"),
    ("q(\"SELECT 'runs'::regclass\");", "table runs"),
    ('q("SELECT 1 FROM \\"batches\\"");', "table batches"),
    ('q("INSERT INTO picks (id) SELECT 1");', "table picks"),
    ('q("SELECT 1 FROM ONLY batches");', "table batches"),
]


def self_test():
    failures = []

    def run(text):
        with tempfile.TemporaryDirectory() as root:
            (Path(root) / "src").mkdir()
            (Path(root) / "src/a.cpp").write_text(text, encoding="utf-8")
            return check(root)

    for text in GOOD:
        failures += [f"unexpected for {text!r}: {problem}" for problem in run(text)]
    for text, expected in BAD:
        problems = run(text)
        if not any(expected in problem for problem in problems):
            failures.append(f"expected '{expected}' for {text!r}, got {problems}")
    return failures


def main(arguments):
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 64
    problems = self_test() if arguments[0] == "--self-test" else check(arguments[0])
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
