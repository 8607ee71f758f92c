#include "am/picks/relabel.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "am/market/symbol.hpp"
#include "am/picks/rules.hpp"

namespace am::picks {

namespace {

using market::canonical_symbol;

/// A part with a measured day.
struct PartRow {
  const Part* part;
  std::size_t series;
  std::size_t week;
};

std::vector<PartRow> rows_of(std::span<const std::span<const Week>> series, std::size_t weeks) {
  std::vector<PartRow> rows;
  for (std::size_t i = 0; i < series.size(); ++i) {
    for (std::size_t week = 0; week < weeks; ++week) {
      for (const Part& part : series[i][week].parts) {
        if (part.to != nullptr) rows.push_back({&part, i, week});
      }
    }
  }
  return rows;
}

/// A name's excess since the batch's baseline.
std::optional<Units> excess_since(const market::Series& closes, const BatchHistory& history,
                                  const Checkpoint& day, const Decimal& beta) {
  const Decimal* initial = closes.find(history.baseline);
  const Decimal* close = closes.find(day.date);
  if (initial == nullptr || close == nullptr) return std::nullopt;
  const Result<Decimal> change = return_pct(*initial, *close);
  if (!change) return std::nullopt;
  return limited(to_units(*change - beta * *day.benchmark_return_pct));
}

/// What a name did in each row; nothing where a close is missing.
using Moves = std::vector<std::optional<Units>>;

Moves moves_of(const std::string& name, const std::vector<PartRow>& rows, const ClosesBySymbol& closes,
               Betas& betas) {
  Moves moves(rows.size());
  const auto series = closes.find(name);
  if (series == closes.end()) return moves;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Part& part = *rows[i].part;
    const BatchHistory& history = *part.history;
    const Decimal& beta = betas.of(name, history.batch.benchmark_symbol, history.baseline).value;
    moves[i] = excess_since(series->second, history, *part.to, beta);
    if (!moves[i] || part.from == nullptr) continue;
    const std::optional<Units> from = excess_since(series->second, history, *part.from, beta);
    moves[i] = from ? std::optional(limited(static_cast<__int128_t>(*moves[i]) - *from)) : std::nullopt;
  }
  return moves;
}

int big_moves_of(const market::Series& series, DateRange range) {
  int count = 0;
  const Decimal* before = nullptr;
  for (const market::Close& close : series.closes) {
    if (!range.contains(close.day)) continue;
    if (before != nullptr && (close.close - *before).abs() * Decimal(4) > *before) ++count;
    before = &close.close;
  }
  return count;
}

bool is_enough(std::size_t known, std::size_t of) { return known * 100 >= of * kMinKnownPct; }

/// How many weeks remain when last ones with too few closes are left out.
std::size_t covered_weeks(std::size_t weeks, const std::vector<PartRow>& rows,
                          const std::map<std::string, Moves>& symbols) {
  std::vector<std::size_t> known(rows.size());
  std::size_t ever = 0;
  for (const auto& [name, moves] : symbols) {
    bool any = false;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (moves[i]) ++known[i];
      any = any || moves[i];
    }
    if (any) ++ever;
  }
  std::vector<bool> lacks(weeks);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!is_enough(known[i], ever)) lacks[rows[i].week] = true;
  }
  while (weeks > 0 && lacks[weeks - 1]) --weeks;
  return weeks;
}

std::set<std::string> picked_in(std::span<const std::span<const Week>> series, std::size_t weeks) {
  std::set<std::string> picked;
  for (const std::span<const Week>& one : series) {
    for (const Week& week : one.first(weeks)) {
      for (const Part& part : week.parts) {
        for (const StoredPick& pick : part.history->batch.picks)
          picked.insert(canonical_symbol(pick.pick.ticker));
      }
    }
  }
  return picked;
}

std::set<std::string> benchmarks_in(std::span<const std::span<const Week>> series) {
  std::set<std::string> benchmarks;
  for (const std::span<const Week>& one : series) {
    for (const Week& week : one) {
      for (const Part& part : week.parts)
        benchmarks.insert(canonical_symbol(part.history->batch.benchmark_symbol));
    }
  }
  return benchmarks;
}

/// Rows by part, columns by name; a hole is filled with the mean of its row.
void fill(NameField& field, const std::vector<const Moves*>& columns, std::size_t rows) {
  field.moves.resize(rows * columns.size());
  for (std::size_t row = 0; row < rows; ++row) {
    __int128_t sum = 0;
    long long known = 0;
    for (const Moves* column : columns) {
      if (!(*column)[row]) continue;
      sum += *(*column)[row];
      ++known;
    }
    const Units mean = known == 0 ? 0 : rounded_mean(sum, known);
    for (std::size_t name = 0; name < columns.size(); ++name)
      field.moves[row * columns.size() + name] = (*columns[name])[row].value_or(mean);
    field.filled += static_cast<long long>(columns.size()) - known;
  }
}

void hold(NameField& field, const std::vector<PartRow>& rows) {
  for (std::size_t row = 0; row < rows.size(); ++row) {
    for (const StoredPick& pick : rows[row].part->history->batch.picks) {
      const auto name = std::ranges::lower_bound(field.picked, canonical_symbol(pick.pick.ticker));
      field.held[rows[row].series].push_back({.week = static_cast<std::uint32_t>(rows[row].week),
                                              .part = static_cast<std::uint32_t>(row),
                                              .name = static_cast<std::uint32_t>(name - field.picked.begin()),
                                              .sign = pick.pick.action == Action::sell ? -1 : 1});
    }
  }
}

/// From the first baseline to the last measured day.
DateRange span_of(const std::vector<PartRow>& rows) {
  DateRange range{rows.front().part->history->baseline, rows.front().part->to->date};
  for (const PartRow& row : rows) {
    range.first = std::min(range.first, row.part->history->baseline);
    range.last = std::max(range.last, row.part->to->date);
  }
  return range;
}

}  // namespace

std::span<const std::uint32_t> Relabelling::next() {
  std::iota(pool_.begin(), pool_.end(), 0U);
  for (std::size_t i = 0; i < picked_; ++i)
    std::swap(pool_[i], pool_[i + draw_below(generator_, pool_.size() - i)]);
  return std::span(pool_).first(picked_);
}

WeekSums relabelled(std::span<const Held> held, std::span<const Units> moves, std::size_t names,
                    std::span<const std::uint32_t> names_of_picked) {
  WeekSums sums;
  for (auto at = held.begin(); at != held.end();) {
    const std::uint32_t week = at->week;
    Units earned = 0;  // of limited moves: a batch or two of three picks fit
    for (; at != held.end() && at->week == week; ++at)
      earned += at->sign * moves[at->part * names + names_of_picked[at->name]];
    earned = limited(earned);
    sums.sum += earned;
    sums.squares += static_cast<__int128_t>(earned) * earned;
  }
  return sums;
}

std::optional<NameField> field_of(std::span<const std::span<const Week>> series,
                                  const std::vector<std::string>& symbols, const ClosesBySymbol& closes,
                                  Betas& betas) {
  if (series.empty() || symbols.empty()) return std::nullopt;
  std::size_t weeks = series.front().size();
  for (const std::span<const Week>& one : series) weeks = std::min(weeks, one.size());
  std::vector<PartRow> rows = rows_of(series, weeks);
  const std::set<std::string> benchmarks = benchmarks_in(series);
  std::map<std::string, Moves> moves;
  for (const std::string& symbol : symbols) {
    const std::string name = canonical_symbol(symbol);
    if (!benchmarks.contains(name) && !moves.contains(name))
      moves.emplace(name, moves_of(name, rows, closes, betas));
  }

  NameField field;
  field.weeks = covered_weeks(weeks, rows, moves);
  if (field.weeks < kMinWeeks) return std::nullopt;
  field.through = series.front()[field.weeks - 1].monday;
  const std::set<std::string> picked = picked_in(series, field.weeks);
  field.picked.assign(picked.begin(), picked.end());
  for (const std::string& name : picked) {
    if (!moves.contains(name)) moves.emplace(name, moves_of(name, rows, closes, betas));
  }
  for (auto& [name, of_name] : moves) {  // the rows of the weeks that remain
    std::size_t kept = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (rows[i].week < field.weeks) of_name[kept++] = of_name[i];
    }
    of_name.resize(kept);
  }
  std::erase_if(rows, [&](const PartRow& row) { return row.week >= field.weeks; });

  std::vector<const Moves*> columns;
  for (const auto& [name, of_name] : moves) {
    const auto known = std::ranges::count_if(of_name, [](const auto& move) { return move.has_value(); });
    if (!picked.contains(name) && !is_enough(static_cast<std::size_t>(known), rows.size())) continue;
    field.names.push_back(name);
    columns.push_back(&of_name);
  }
  if (field.names.size() < kMinUniverse || rows.empty()) return std::nullopt;
  fill(field, columns, rows.size());
  field.held.resize(series.size());
  hold(field, rows);
  const DateRange range = span_of(rows);
  for (const std::string& name : field.names) {
    if (const auto found = closes.find(name); found != closes.end())
      field.big_moves += big_moves_of(found->second, range);
  }
  return field;
}

Luck luck_of(const NameField& field, double actual, int draws) {
  Luck luck;
  Relabelling relabelling(field.names.size(), field.picked.size());
  for (int draw = 0; draw < draws; ++draw) {
    const WeekSums sums = relabelled(field.held.front(), field.moves, field.names.size(), relabelling.next());
    if (draw == 0) luck.first = sums;
    const double t = sums.t();
    luck.below += t < actual ? 1 : 0;
    luck.equal += t == actual ? 1 : 0;
  }
  luck.percentile = Decimal(2 * luck.below + luck.equal) * Decimal(50) / Decimal(draws);
  return luck;
}

double t_of(std::span<const Week> weeks) {
  WeekTally tally;
  for (const Week& week : weeks) tally.add(week.sum, static_cast<int>(week.parts.size()));
  return tally.t();
}

}  // namespace am::picks
