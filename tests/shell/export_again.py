"""Reads an export by its datapackage.json, checks every field against it, and computes figures of the report again.

    am report -o json | export_again.py DIR

The arithmetic is the decimal module's, 34 digits and half even, as docs/architecture.md has it.
"""

import csv
import hashlib
import json
import re
import sys
from collections import defaultdict
from datetime import date
from decimal import Decimal, getcontext
from pathlib import Path

getcontext().prec = 34
FIRST = (
    "run_date,batch_status,picker,model,origin,price_source,benchmark_symbol,benchmark_initial_price,baseline,"
    "checkpoint_date,day_status,benchmark_price,ticker,action,initial_price,current_price"
)


def require(holds, what):
    if not holds:
        sys.exit(f"export_again: {what}")


def rows_of(directory, resource):
    """The rows as texts, None for what is missing, after size, hash and columns were checked."""
    raw = (directory / resource["path"]).read_bytes()
    require(len(raw) == resource["bytes"], f"{resource['path']}: bytes")
    require(f"sha256:{hashlib.sha256(raw).hexdigest()}" == resource["hash"], f"{resource['path']}: hash")
    lines = raw.decode("utf-8").splitlines()
    names = [field["name"] for field in resource["schema"]["fields"]]
    if resource["format"] == "csv":
        table = list(csv.reader(lines))
        require(table[0] == names, f"{resource['path']}: header")
        rows = [dict(zip(names, (value or None for value in row), strict=True)) for row in table[1:]]
    else:
        rows = [json.loads(line) for line in lines]
        require(all(list(row) == names for row in rows), f"{resource['path']}: members")
    return rows


def check(resource, rows):
    """Each value against its field's type and constraints."""
    require(rows, f"{resource['name']}: no rows")
    for field in resource["schema"]["fields"]:
        limits = field.get("constraints", {})
        for row in rows:
            value = row[field["name"]]
            where = f"{resource['name']}.{field['name']} {value!r}"
            if value is None:
                require(not limits.get("required"), f"{where}: required")
                continue
            if field["type"] == "date":
                date.fromisoformat(value)
            if field["type"] == "number":
                number = Decimal(value)
                require(limits["minimum"] <= number <= limits["maximum"], f"{where}: range")
            if "enum" in limits:
                require(value in limits["enum"], f"{where}: enum")
            if "pattern" in limits:
                require(re.fullmatch(limits["pattern"], value), f"{where}: pattern")
    key = resource["schema"].get("primaryKey")
    if key:
        require(len({tuple(row[name] for name in key) for row in rows}) == len(rows), f"{resource['name']}: key")


def mean_excess(days):
    """Of complete batches: the mean of each one's picks on its last computed day, and of those the mean."""
    batches = defaultdict(lambda: defaultdict(list))
    for row in days:
        if row["batch_status"] == "completed" and row["day_status"] == "computed":
            batches[row["run_date"]][row["checkpoint_date"]].append(row)
    means = []
    for by_day in batches.values():
        excesses = []
        for row in by_day[max(by_day)]:
            of_pick, of_benchmark = (
                (Decimal(row[now]) - Decimal(row[then])) / Decimal(row[then]) * 100
                for now, then in (("current_price", "initial_price"), ("benchmark_price", "benchmark_initial_price"))
            )
            excess = of_pick - of_benchmark
            excesses.append(-excess if row["action"] == "SELL" else excess)
        require(len(excesses) == 3, "a batch's last day has no three picks")
        means.append(sum(excesses) / 3)
    return sum(means) / len(means)


def beta(closes, symbol, benchmark, baseline):
    """The slope of 89 daily returns up to the baseline, drawn a third of the way to 1."""
    of = {name: {row["day"]: Decimal(row["close"]) for row in closes if row["symbol"] == name} for name in (symbol, benchmark)}
    sessions = sorted(day for day in of[benchmark] if day <= baseline)[-90:]
    pairs = [
        tuple(of[name][today] / of[name][before] - 1 for name in (benchmark, symbol))
        for before, today in zip(sessions, sessions[1:])
    ]
    n, x, y = len(pairs), sum(a for a, _ in pairs), sum(b for _, b in pairs)
    slope = (n * sum(a * b for a, b in pairs) - x * y) / (n * sum(a * a for a, _ in pairs) - x * x)
    return n, ((1 + 2 * slope) / 3).quantize(Decimal("0.000001"))


def main():
    directory = Path(sys.argv[1])
    package = json.loads((directory / "datapackage.json").read_text())
    resources = {resource["name"]: resource for resource in package["resources"]}
    require(set(resources) == {"days", "closes"}, "resources")
    require(
        [field["name"] for field in resources["days"]["schema"]["fields"]][:16] == FIRST.split(","), "order of columns"
    )
    tables = {name: rows_of(directory, resource) for name, resource in resources.items()}
    for name, resource in resources.items():
        check(resource, tables[name])

    report = json.load(sys.stdin)["data"]
    reported = Decimal(report["groups"][0]["mean_directional_excess_pct"])
    computed = mean_excess(tables["days"])
    require(abs(reported - computed) < Decimal("1e-25"), f"mean excess: reported {reported}, computed {computed}")
    require(
        beta(tables["closes"], "AA", "SPX", "2000-01-07") == (89, Decimal("0.596647")), "beta of AA at 2000-01-07"
    )


main()
