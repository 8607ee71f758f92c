#!/usr/bin/env python3
"""Checks the layers of docs/architecture.md, and a few habits, by reading the sources.

    layers.py ROOT          prints path:line: problem for each finding, exits 1 if there is one
    layers.py --self-test   proves that each rule can fail
"""

import fnmatch
import re
import sys
import tempfile
from pathlib import Path

# A file may include its own folder and what is listed for it.
BELOW = {
    "base": set(),
    "kernel": {"base"},
    "market": {"base", "kernel"},
    "amqp": {"base"},
}
# A library that is loaded on its own: of the program it sees what crosses its border.
BORDER = {"amqp": "include/am/kernel/broker.hpp"}
DESKS = {"picks", "forecast", "feed", "strategy"}
NAMES_A_DESK = re.compile(r"\b(" + "|".join(sorted(DESKS)) + r")::")
for desk in DESKS:
    BELOW[desk] = {"base", "kernel", "market"}
BELOW["web"] = set(BELOW["picks"]) | DESKS
BELOW["cli"] = BELOW["web"] | {"web"}

# Who may name a heavy library: it stays replaceable, and the build stays fast.
LIBRARIES = [
    (r"pqxx/", ["src/kernel/db_pqxx.cpp"]),
    (r"libpq-fe\.h", ["src/kernel/db_pqxx.cpp", "src/kernel/db_connect.cpp", "src/kernel/libpq.hpp"]),
    (r"boost/(beast|asio)", ["src/kernel/http_server*.cpp", "src/kernel/http_connection.hpp",
                             "src/kernel/http_request.cpp", "src/kernel/websocket*.cpp"]),
    (r"hiredis/", ["src/strategy/stream/redis_*.cpp"]),
    (r"seccomp\.h", ["src/strategy/sandbox/*.cpp"]),
    (r"curl/", ["src/kernel/http_curl.cpp"]),
    (r"toml\+\+/|toml\.hpp", ["src/kernel/config*.cpp", "src/market/*csv*.cpp", "src/market/market_*.cpp"]),
    (r"CLI/", ["src/cli/*", "include/am/cli/*"]),
    (r"spdlog/", ["src/kernel/log.cpp"]),
    (r"simdjson", ["src/feed/nivoda_answer.cpp", "src/feed/stone.cpp", "src/strategy/stream/message*.cpp"]),
    (r"date/(tz|iana)", ["src/kernel/new_york.cpp", "src/kernel/zone.cpp"]),
    (r"(unsupported/)?Eigen/", ["src/forecast/linear.cpp"]),
    (r"nlopt\.", ["src/forecast/models/arima_fit.cpp", "src/forecast/models/ets.cpp", "src/forecast/models/theta.cpp"]),
    (r"proton/", ["src/amqp/*"]),
]

# What waits without an end, and what is there instead.
WAITING = {
    "fstream": "am/kernel/file_read.hpp and file_write.hpp",
    "iostream": "am/kernel/standard_streams.hpp",
}

# Words that one place may say: a server that takes a body is the gateway's alone.
WORDS = [
    (re.compile(r"\bmax_body_bytes\b"), ["src/cli/strategy/*gateway*", "src/kernel/http_server*",
                                         "include/am/kernel/http_server.hpp", "tests/*"]),
]

INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]')
LEFTOVER = re.compile(r"\b(TODO|FIXME|XXX)\b")
VAGUE = re.compile(r"(^|_)(utils?|commons?|helpers?|managers?)($|_)")
CPP = {".cpp", ".hpp"}
MAX_LINES = 400
# Paths whose text is somebody else's, or that have to name the words they look for.
NOT_OURS = ["tests/fixtures/*", "tests/golden/*", "tests/fuzz/corpus/*", "tests/lint/*"]


def layer_of(path):
    """The layer folder of src/<layer>/... or include/am/<layer>/..., else None."""
    parts = path.split("/")
    if parts[0] == "src" and len(parts) > 2:
        return parts[1]
    if parts[:2] == ["include", "am"] and len(parts) > 3:
        return parts[2]
    return None


def matches(path, patterns):
    return any(fnmatch.fnmatch(path, pattern) for pattern in patterns)


def target_layer(root, path, name):
    """The layer that an include reaches: by am/<layer>/..., by src/<layer>/..., or through '..'."""
    if name.startswith("am/"):
        return layer_of("include/" + name)
    first = name.split("/")[0]
    if first in BELOW and "/" in name and (root / "src" / name).exists():
        return first
    reached = ((root / path).parent / name).resolve()
    if reached.exists() and reached.is_relative_to(root):
        return layer_of(reached.relative_to(root).as_posix())
    return None


def desk_of(path):
    """The desk that a file belongs to, or None: a desk's layer, its folder of cli or web, its section's header."""
    parts = path.split("/")
    if layer_of(path) in DESKS:
        return layer_of(path)
    if parts[0] == "src" and len(parts) > 3 and parts[1] in ("cli", "web") and parts[2] in DESKS:
        return parts[2]
    name = re.match(r"include/am/web/([a-z]+)_section\.hpp$", path)
    return name[1] if name and name[1] in DESKS else None


def check_desk(root, path, name):
    """Shared code names no desk: of cli and web only a desk's own folder may, and the file that lists them."""
    if layer_of(path) not in ("cli", "web") or path == "src/cli/desks.cpp":
        return
    near = (Path(path).parent / name).as_posix()
    reached = [f"include/{name}" if name.startswith("am/") else f"src/{name}", near]
    desk = next((desk_of(each) for each in reached if desk_of(each)), None)
    if desk is not None and desk != desk_of(path):
        yield f"only the desk's own folder, and src/cli/desks.cpp, may include {desk} ({name})"


def check_include(root, path, name):
    layer = layer_of(path)
    yield from check_desk(root, path, name)
    if layer in BELOW:
        target = target_layer(root, path, name)
        allowed = target in BELOW[layer] or BORDER.get(layer) == f"include/{name}"
        if target is not None and target != layer and not allowed:
            yield f"{layer} may not include {target} ({name})"
    if layer is not None:
        for pattern, allowed in LIBRARIES:
            if re.match(pattern, name) and not matches(path, allowed):
                yield f"<{name}> belongs to {', '.join(allowed)} alone"
        if name in WAITING:
            yield f"<{name}> waits without an end: use {WAITING[name]}"


def check_file(root, path):
    try:
        lines = (root / path).read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        return
    for number, line in enumerate(lines, 1):
        found = LEFTOVER.search(line)
        if found:
            yield number, f"leftover {found[0]}"
        for word, allowed in WORDS:
            said = word.search(line) if Path(path).suffix in CPP else None
            if said and not matches(path, allowed):
                yield number, f"{said[0]} belongs to {', '.join(allowed)} alone"
        include = INCLUDE.match(line) if Path(path).suffix in CPP else None
        if include:
            for problem in check_include(root, path, include[1]):
                yield number, problem
        elif layer_of(path) is not None and desk_of(path) is None:
            named = NAMES_A_DESK.search(line.split("//")[0])
            if named:
                yield number, f"shared code names a desk: {named[0]}"
    if Path(path).suffix in CPP and len(lines) > MAX_LINES:
        if not any(line.startswith("// Length: ") for line in lines):
            yield len(lines), f"{len(lines)} lines (at most {MAX_LINES}, or a line '// Length: <reason>')"


def check(root):
    root = Path(root).resolve()
    problems = []
    for folder in ("src", "include", "tests", "bench", "scripts", "docs", "migrations"):
        for file in sorted((root / folder).rglob("*")):
            path = file.relative_to(root).as_posix()
            if "__pycache__" in path or matches(path, NOT_OURS):
                continue
            if VAGUE.search(file.stem.replace("-", "_").lower()):
                problems.append(f"{path}:1: the name does not say what it is for")
            layer = layer_of(path)
            if layer is not None and layer not in BELOW:
                problems.append(f"{path}:1: unknown layer {layer}")
            if file.is_file():
                problems += [f"{path}:{number}: {problem}" for number, problem in check_file(root, path)]
    return problems


def self_test():
    good = {
        "include/am/base/date.hpp": "#pragma once\n",
        "include/am/picks/job.hpp": '#include "am/base/date.hpp"\n#include "am/picks/types.hpp"\n',
        "src/kernel/db_pqxx.cpp": "#include <pqxx/pqxx>\n",
        "src/forecast/linear.cpp": "#include <Eigen/Cholesky>\n",
        "src/forecast/models/ets.cpp": "#include <nlopt.h>\n",
        "include/am/kernel/broker.hpp": '#include "am/base/date.hpp"\n',
        "src/amqp/session.cpp": '#include <proton/sender.hpp>\n#include "am/kernel/broker.hpp"\n',
        "src/amqp/session.hpp": "#pragma once\n",
        "src/picks/store_pg.hpp": "#pragma once\n",
        "src/picks/store_pg.cpp": '#include "store_pg.hpp"\n#include "am/kernel/db.hpp"\n',
        "src/cli/app.cpp": '#include <CLI/CLI.hpp>\n#include "am/web/api.hpp"\n',
        "src/cli/desks.cpp": '#include "cli/picks/face.hpp"\n',
        "src/cli/picks/face.cpp": '#include "am/picks/desk.hpp"\n#include "am/web/picks_section.hpp"\npicks::desk();\n',
        "src/web/picks/section.cpp": '#include "am/web/picks_section.hpp"\n#include "picks/store_pg.hpp"\n',
        "src/cli/ops/cmd_due.cpp": '#include "cli/desks.hpp"\nint due;  // as picks::due says\n',
        "src/cli/strategy/cmd_gateway.cpp": "options.max_body_bytes = 65536;\n",
        "src/kernel/http_server_worker.cpp": "int x = max_body_bytes;\n",
        "tests/cli/body_test.cpp": "options.max_body_bytes = 9;\n",
        "src/web/picks/page.cpp": '#include "am/picks/job.hpp"\n',
        "src/feed/long.cpp": "// Length: one table\n" + "int x;\n" * 500,
        "tests/unit/picks_test.cpp": '#include "am/picks/job.hpp"\n#include "am/feed/job.hpp"\n',
    }
    bad = {
        "include/am/base/date.hpp": ('#include "am/kernel/clock.hpp"\n', "base may not include kernel"),
        "src/kernel/a.cpp": ('\n#include "am/market/prices.hpp"\n', "src/kernel/a.cpp:2: kernel may not"),
        "src/picks/a.cpp": ('#include "am/forecast/job.hpp"\n', "picks may not include forecast"),
        "src/feed/a.cpp": ('#include "../picks/store_pg.hpp"\n', "feed may not include picks"),
        "src/strategy/a.cpp": ('#include "picks/store_pg.hpp"\n', "strategy may not include picks"),
        "src/cli/ops/a.cpp": ('#include "am/picks/jobs.hpp"\n', "may include picks"),
        "src/cli/b.cpp": ('#include "cli/picks/face.hpp"\n', "may include picks"),
        "src/cli/feed/a.cpp": ('#include "am/picks/jobs.hpp"\n', "may include picks"),
        "src/cli/feed/b.cpp": ('#include "am/web/picks_section.hpp"\n', "may include picks"),
        "src/web/feed/a.cpp": ('#include "web/picks/page.hpp"\n', "may include picks"),
        "src/web/b.cpp": ('#include "am/picks/rules.hpp"\n', "may include picks"),
        "src/cli/ops/c.cpp": ("picks::run();\n", "shared code names a desk: picks::"),
        "src/kernel/e.cpp": ("feed::run();\n", "shared code names a desk: feed::"),
        "src/web/a.cpp": ('#include "am/cli/app.hpp"\n', "web may not include cli"),
        "src/cli/ops/cmd_serve.cpp": ("o.max_body_bytes = 9;\n", "max_body_bytes belongs to"),
        "src/cli/strategy/cmd_run.cpp": ("o.max_body_bytes = 9;\n", "max_body_bytes belongs to"),
        "src/picks/b.cpp": ("#include <pqxx/pqxx>\n", "<pqxx/pqxx> belongs to"),
        "src/market/b.cpp": ("#include <curl/curl.h>\n", "<curl/curl.h> belongs to"),
        "include/am/kernel/b.hpp": ("# include <spdlog/spdlog.h>\n", "<spdlog/spdlog.h> belongs to"),
        "src/kernel/c.cpp": ("#include <CLI/CLI.hpp>\n", "<CLI/CLI.hpp> belongs to"),
        "src/kernel/d.cpp": ("#include <date/tz.h>\n", "<date/tz.h> belongs to"),
        "src/picks/d.cpp": ("#include <toml++/toml.h>\n", "<toml++/toml.h> belongs to"),
        "src/forecast/models/a.cpp": ("#include <Eigen/Dense>\n", "<Eigen/Dense> belongs to src/forecast/linear.cpp"),
        "src/forecast/b.cpp": ("#include <unsupported/Eigen/FFT>\n", "<unsupported/Eigen/FFT> belongs to"),
        "include/am/forecast/a.hpp": ("#include <nlopt.hpp>\n", "<nlopt.hpp> belongs to"),
        "src/feed/c.cpp": ("#include <simdjson.h>\n", "<simdjson.h> belongs to"),
        "src/market/e.cpp": ("#include <fstream>\n", "<fstream> waits without an end"),
        "src/cli/e.cpp": ("#include <iostream>\n", "<iostream> waits without an end"),
        "src/amqp/a.cpp": ('#include "am/kernel/db.hpp"\n', "amqp may not include kernel"),
        "src/kernel/f.cpp": ('#include "amqp/session.hpp"\n', "kernel may not include amqp"),
        "src/cli/f.cpp": ('#include "amqp/session.hpp"\n', "cli may not include amqp"),
        "src/kernel/g.cpp": ("#include <proton/sender.hpp>\n", "<proton/sender.hpp> belongs to"),
        "src/misc/a.cpp": ("int x;\n", "unknown layer misc"),
        "src/base/text_utils.cpp": ("int x;\n", "the name does not say"),
        "src/base/common/a.cpp": ("int x;\n", "src/base/common:1: the name does not say"),
        "docs/a.md": ("one\nTODO two\n", "docs/a.md:2: leftover TODO"),
        "src/base/long.cpp": ("int x;\n" * 401, "401 lines"),
    }
    failures = []

    def run(files):
        with tempfile.TemporaryDirectory() as root:
            for path, text in files.items():
                (Path(root) / path).parent.mkdir(parents=True, exist_ok=True)
                (Path(root) / path).write_text(text, encoding="utf-8")
            return check(root)

    if problems := run(good):
        failures += [f"good files: unexpected: {problem}" for problem in problems]
    for path, (text, expected) in bad.items():
        problems = run({**good, path: text})
        if not any(expected in problem for problem in problems):
            failures.append(f"{path}: expected '{expected}', got {problems}")
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
