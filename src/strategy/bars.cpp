// market.bars.

#include "am/strategy/bars.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>

#include "am/base/error.hpp"

namespace am::strategy {

namespace {

using kernel::sql_array;
using kernel::sql_values;
using kernel::SqlValue;

/// Rows of one statement: some 300 kB of text.
constexpr std::size_t kRowsAtOnce = 2000;
constexpr std::size_t kRowsOfOneRead = 50'000;

/// Exact, whatever a role's extra_float_digits says.
constexpr std::string_view kBarFields =
    "(extract(epoch FROM ts) * 1000000)::bigint AS ts, encode(float8send(o), 'hex') AS o, "
    "encode(float8send(h), 'hex') AS h, encode(float8send(l), 'hex') AS l, encode(float8send(c), 'hex') AS c, "
    "encode(float8send(v), 'hex') AS v";

std::string bar_number(double value) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  return {text.data(), end};
}

double of_bits(const std::string& hex) {
  std::uint64_t bits = 0;
  const auto [rest, error] = std::from_chars(hex.data(), hex.data() + hex.size(), bits, 16);
  if (error != std::errc{} || rest != hex.data() + hex.size())
    throw Error(ErrorKind::data, "market.bars: no number (got " + hex + ")");
  return std::bit_cast<double>(bits);
}

Instant instant_of(Micros at) { return Instant{std::chrono::microseconds{at}}; }

std::vector<Bar> bars_of(const kernel::Rows& rows) {
  std::vector<Bar> bars;
  bars.reserve(rows.size());
  for (const kernel::Row row : rows) {
    bars.push_back({.start = row.integer("ts"),
                    .open = of_bits(row.text("o")),
                    .high = of_bits(row.text("h")),
                    .low = of_bits(row.text("l")),
                    .close = of_bits(row.text("c")),
                    .volume = of_bits(row.text("v"))});
  }
  return bars;
}

bool is_ordered(std::span<const Bar> bars) {
  return std::ranges::adjacent_find(bars, [](const Bar& a, const Bar& b) { return a.start >= b.start; }) ==
         bars.end();
}

/// Each start once: of several the one that came last.
std::vector<Bar> in_order(std::span<const Bar> bars) {
  std::vector<Bar> sorted(bars.rbegin(), bars.rend());
  std::ranges::stable_sort(sorted, {}, &Bar::start);
  const auto rest = std::ranges::unique(sorted, {}, &Bar::start);
  sorted.erase(rest.begin(), rest.end());
  return sorted;
}

}  // namespace

std::size_t store_bars(kernel::Sql& sql, const BarKey& key, std::span<const Bar> bars) {
  std::vector<Bar> ordered;
  if (!is_ordered(bars)) bars = ordered = in_order(bars);
  std::size_t changed = 0;
  while (!bars.empty()) {
    const auto now = bars.first(std::min(bars.size(), kRowsAtOnce));
    bars = bars.subspan(now.size());
    std::vector<SqlValue> ts, o, h, l, c, v;
    for (const Bar& bar : now) {
      ts.push_back(kernel::sql_value(instant_of(bar.start)));
      o.emplace_back(bar_number(bar.open));
      h.emplace_back(bar_number(bar.high));
      l.emplace_back(bar_number(bar.low));
      c.emplace_back(bar_number(bar.close));
      v.emplace_back(bar_number(bar.volume));
    }
    changed +=
        sql.query(
               "INSERT INTO market.bars AS b (symbol, timeframe, ts, o, h, l, c, v) SELECT $1, $2, ts, o, h, l, c, v "
               "FROM unnest($3::timestamptz[], $4::float8[], $5::float8[], $6::float8[], $7::float8[], "
               "$8::float8[]) AS n(ts, o, h, l, c, v) ON CONFLICT (symbol, timeframe, ts) DO UPDATE SET o = "
               "excluded.o, h = excluded.h, l = excluded.l, c = excluded.c, v = excluded.v WHERE (b.o, b.h, b.l, "
               "b.c, b.v) IS DISTINCT FROM (excluded.o, excluded.h, excluded.l, excluded.c, excluded.v)",
               sql_values(key.symbol, key.timeframe, sql_array(ts), sql_array(o), sql_array(h), sql_array(l),
                          sql_array(c), sql_array(v)))
            .affected;
  }
  return changed;
}

std::vector<Bar> read_bars(kernel::Sql& sql, const BarKey& key, Micros from, Micros to) {
  return bars_of(
      sql.query("SELECT " + std::string(kBarFields) +
                    " FROM market.bars WHERE symbol = $1 AND timeframe = $2 AND ts >= $3::timestamptz AND ts "
                    "< $4::timestamptz ORDER BY ts",
                sql_values(key.symbol, key.timeframe, instant_of(from), instant_of(to))));
}

std::vector<Bar> read_all_bars(kernel::Sql& sql, const BarKey& key, Micros from, Micros to) {
  std::vector<Bar> all;
  // The last moment that a timestamp of PostgreSQL's and a date of ours both know.
  static const Micros kLast = Date(9999, 12, 31).days().time_since_epoch() / std::chrono::microseconds(1);
  to = std::min(to, kLast);
  while (true) {
    const std::vector<Bar> some = bars_of(sql.query(
        "SELECT " + std::string(kBarFields) +
            " FROM market.bars WHERE symbol = $1 AND timeframe = $2 AND ts >= $3::timestamptz AND ts "
            "< $4::timestamptz ORDER BY ts LIMIT $5",
        sql_values(key.symbol, key.timeframe, instant_of(from), instant_of(to), kRowsOfOneRead)));
    all.insert(all.end(), some.begin(), some.end());
    if (some.size() < kRowsOfOneRead) return all;
    from = some.back().start + 1;
  }
}

std::vector<Bar> last_bars(kernel::Sql& sql, const BarKey& key, Micros before, int count) {
  const auto length = timeframe_length(key.timeframe);
  if (!length)
    throw Error(ErrorKind::usage, "no timeframe (expected as 1m, 1h, 1d, got " + key.timeframe + ")");
  std::vector<Bar> bars = bars_of(sql.query(
      "SELECT " + std::string(kBarFields) +
          " FROM market.bars WHERE symbol = $1 AND timeframe = $2 AND ts <= $3::timestamptz ORDER BY ts "
          "DESC LIMIT $4",
      sql_values(key.symbol, key.timeframe, instant_of(before - *length), count)));
  std::ranges::reverse(bars);
  return bars;
}

}  // namespace am::strategy
