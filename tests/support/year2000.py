"""The year 2000, computed a second time.

Reads the market's CSV files itself, ranks the universe, and derives every figure that the picks desk stores with
Python's own decimal arithmetic (60 digits). Shares no code, no calendar and no rounding with the program: a session is a
day that the files have. Compares with a dump of the tables on standard input and prints each difference.

Usage: year2000.py DIRECTORY < dump.csv
"""

import csv
import datetime
import decimal
import re
import sys
from decimal import Decimal

decimal.getcontext().prec = 60
AGREE = Decimal("1e-20")  # relative: 20 significant digits


def read_wide(path):
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {row["date"]: {k: Decimal(v) for k, v in row.items() if k != "date" and v} for row in rows}


def universe_of(path):
    with open(path, encoding="utf-8") as file:
        listed = re.search(r"symbols\s*=\s*\[(.*?)\]", file.read(), re.S).group(1)
    return re.findall(r'"([^"]+)"', listed)


def momentum(stocks, universe, sessions, run_date):
    before = [day for day in sessions if day < run_date]
    ranked = []
    for symbol in universe:
        if all(symbol in stocks[day] for day in before[-253:]):
            ranked.append((-(stocks[before[-22]][symbol] / stocks[before[-253]][symbol]), symbol))
    ranked.sort()
    return {ranked[0][1]: "BUY", ranked[1][1]: "BUY", ranked[-1][1]: "SELL"}, before[-1]


def percent(initial, current):
    return (current - initial) * 100 / initial


def expected_rows(directory):
    stocks = read_wide(directory + "/closes.csv")
    index = {day: row["SPX"] for day, row in read_wide(directory + "/spx.csv").items()}
    universe = universe_of(directory + "/market.toml")
    sessions = sorted(stocks)
    rows = {}
    for week in range(50):
        monday = datetime.date(2000, 1, 10) + datetime.timedelta(weeks=week)
        run_date = monday.isoformat()
        picks, baseline = momentum(stocks, universe, sessions, run_date)
        rows["batch", run_date] = ["SPX", index[baseline], "completed"]
        for ticker, action in picks.items():
            rows["pick", run_date, ticker] = [action, stocks[baseline][ticker]]
        rows["checkpoint", run_date, baseline] = ["computed", index[baseline], None]
        for offset in range(14):
            day = (monday + datetime.timedelta(days=offset)).isoformat()
            if day not in index:
                rows["checkpoint", run_date, day] = ["skipped", None, None]
                continue
            market = percent(index[baseline], index[day])
            rows["checkpoint", run_date, day] = ["computed", index[day], market]
            for ticker in picks:
                own = percent(stocks[baseline][ticker], stocks[day][ticker])
                rows["metric", run_date, day, ticker] = [stocks[day][ticker], own, own - market]
    return rows


def stored_rows(lines):
    keys = {"batch": 2, "pick": 3, "checkpoint": 3, "metric": 4}
    rows = {}
    for record in csv.reader(lines):
        size = keys[record[0]]
        key = tuple(record[:size])
        if key in rows:
            sys.exit(f"twice: {key}")
        rows[key] = record[size:]
    return rows


def same(expected, stored):
    if expected is None:
        return stored == ""
    if isinstance(expected, str):
        return stored == expected
    if stored == "":
        return False
    value = Decimal(stored)
    return abs(value - expected) <= AGREE * max(abs(expected), AGREE)


def main():
    expected = expected_rows(sys.argv[1])
    stored = stored_rows(sys.stdin)
    problems = [f"missing: {key}" for key in sorted(expected.keys() - stored.keys())]
    problems += [f"unexpected: {key}" for key in sorted(stored.keys() - expected.keys())]
    figures = 0
    for key in sorted(expected.keys() & stored.keys()):
        for want, got in zip(expected[key], stored[key], strict=True):
            figures += isinstance(want, Decimal)
            if not same(want, got):
                problems.append(f"{key}: expected {want}, got {got}")
    print("\n".join(problems[:50]))
    kinds = {kind: sum(key[0] == kind for key in stored) for kind in ("batch", "pick", "checkpoint", "metric")}
    print(f"{figures} figures in {kinds}, {len(problems)} problems")
    return 1 if problems or figures == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
