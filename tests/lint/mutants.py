#!/usr/bin/env python3
"""Checks that every fault of tests/mutants/list.toml still fits the sources.

    mutants.py ROOT          prints list: problem for each finding, exits 1 if there is one
    mutants.py --self-test   proves that each rule can fail

Whether a fault compiles, and whether its tests notice it, is for tests/mutants/run.py.
"""

import re
import sys
import tempfile
import tomllib
from pathlib import Path

LIST = "tests/mutants/list.toml"
KEYS = {"file", "what", "from", "to", "tests"}
LEAST = 60
CASE = re.compile(r"^TEST(_[FP])?\(\s*(\w+),\s*(\w+)\s*\)", re.M)


def read(root):
    return tomllib.loads((Path(root) / LIST).read_text(encoding="utf-8"))["mutant"]


def test_names(root):
    """As ctest has them; of those with parameters what they have in common."""
    names = []
    for file in sorted((Path(root) / "tests").rglob("*test.cpp")):
        for kind, suite, name in CASE.findall(file.read_text(encoding="utf-8")):
            names.append(f"of/{suite}.{name}/" if kind == "_P" else f"{suite}.{name}")
    for file in sorted((Path(root) / "tests/golden").rglob("*.golden")):
        case = "__".join(file.relative_to(Path(root) / "tests/golden").with_suffix("").parts)
        names.append(f"golden/GoldenCase.IsAsWritten/{case}")
    return names


def problem_of(root, mutant, names):
    if set(mutant) != KEYS or not all(isinstance(value, str) for value in mutant.values()):
        return f"expected the texts {', '.join(sorted(KEYS))}"
    file = Path(root) / mutant["file"]
    if not file.is_file():
        return "no such file"
    count = file.read_text(encoding="utf-8").count(mutant["from"]) if mutant["from"] else 0
    if count != 1:
        return f"its text is there {count} times (expected once)"
    if mutant["from"] == mutant["to"]:
        return "it changes nothing"
    try:
        pattern = re.compile(mutant["tests"])
    except re.error as error:
        return f"tests: {error}"
    if not any(pattern.search(name) for name in names):
        return f"no test is called {mutant['tests']}"
    return None


def check(root):
    mutants = read(root)
    names = test_names(root)
    problems = []
    seen = set()
    for number, mutant in enumerate(mutants, 1):
        problem = problem_of(root, mutant, names)
        if problem is None and (mutant["file"], mutant["from"], mutant["to"]) in seen:
            problem = "it is there twice"
        if problem is None:
            seen.add((mutant["file"], mutant["from"], mutant["to"]))
            continue
        problems.append(f"{LIST}: {number} {mutant.get('file')} ({mutant.get('what')}): {problem}")
    if len(mutants) < LEAST:
        problems.append(f"{LIST}: {len(mutants)} mutants (expected at least {LEAST})")
    return problems


GOOD = {"file": "src/a.cpp", "what": "w", "from": "x < y", "to": "x <= y", "tests": "^A\\.B"}
BAD = [
    ({"tests": "^A\\.C"}, "no test is called"),
    ({"tests": "("}, "tests: "),
    ({"from": "x"}, "there 2 times"),
    ({"from": "z"}, "there 0 times"),
    ({"from": ""}, "there 0 times"),
    ({"to": "x < y"}, "it changes nothing"),
    ({"file": "src/b.cpp"}, "no such file"),
    ({"what": 1}, "expected the texts"),
    ({"more": "m"}, "expected the texts"),
]


def self_test():
    failures = []
    with tempfile.TemporaryDirectory() as root:
        for folder in ("src", "tests/unit", "tests/mutants", "tests/golden/help"):
            (Path(root) / folder).mkdir(parents=True)
        (Path(root) / "src/a.cpp").write_text("x < y\nx > y", encoding="utf-8")
        (Path(root) / "tests/unit/a_test.cpp").write_text("TEST(A, B) {}\nTEST_P(C,\n D) {}", encoding="utf-8")
        (Path(root) / "tests/golden/help/am.golden").touch()
        names = test_names(root)
        if names != ["A.B", "of/C.D/", "golden/GoldenCase.IsAsWritten/help__am"]:
            failures.append(f"unexpected names: {names}")
        if problem := problem_of(root, GOOD, names):
            failures.append(f"unexpected: {problem}")
        for change, expected in BAD:
            problem = problem_of(root, GOOD | change, names)
            if problem is None or expected not in problem:
                failures.append(f"expected '{expected}' for {change}, got {problem}")
        lines = [f'{key} = """{value}"""' for key, value in GOOD.items() if key != "tests"]
        text = "\n".join(["[[mutant]]", *lines, "tests = '^A'", ""])
        (Path(root) / LIST).write_text(text * 2, encoding="utf-8")
        problems = check(root)
        for expected in ("it is there twice", "2 mutants (expected at least 60)"):
            if not any(expected in problem for problem in problems):
                failures.append(f"expected '{expected}', got {problems}")
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
