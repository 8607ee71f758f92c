#include "am/picks/figures.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "am/market/symbol.hpp"
#include "am/picks/rules.hpp"
#include "am/picks/weeks.hpp"

namespace am::picks {

namespace {

/// How the symbols stand to the benchmark, from a batch's baseline to a day.
struct AgainstBenchmark {
  int ahead = 0;
  int behind = 0;
  int count = 0;
};

AgainstBenchmark against_benchmark(const BatchHistory& history, const Checkpoint& day,
                                   const std::set<std::string>& symbols, const ClosesBySymbol& closes) {
  AgainstBenchmark result;
  for (const std::string& symbol : symbols) {
    const auto series = closes.find(symbol);
    if (series == closes.end() || market::is_same_share(symbol, history.batch.benchmark_symbol)) continue;
    const Decimal* initial = series->second.find(history.baseline);
    const Decimal* close = series->second.find(day.date);
    if (initial == nullptr || close == nullptr) continue;
    const Result<Decimal> change = return_pct(*initial, *close);
    if (!change) continue;
    ++result.count;
    if (*change > *day.benchmark_return_pct) ++result.ahead;
    if (*change < *day.benchmark_return_pct) ++result.behind;
  }
  return result;
}

std::set<std::pair<std::string, Action>> choices_of(const BatchHistory& history) {
  std::set<std::pair<std::string, Action>> choices;
  for (const StoredPick& stored : history.batch.picks)
    choices.emplace(market::canonical_symbol(stored.pick.ticker), stored.pick.action);
  return choices;
}

}  // namespace

std::optional<Decimal> hit_rate_by_chance(std::span<const BatchHistory* const> group,
                                          const std::vector<std::string>& symbols,
                                          const ClosesBySymbol& closes) {
  std::set<std::string> names;
  for (const std::string& symbol : symbols) names.insert(market::canonical_symbol(symbol));
  Decimal sum;
  long long picks = 0;
  for (const BatchHistory* history : group) {
    if (history->batch.status != "completed") continue;
    const auto latest = std::find_if(history->days.rbegin(), history->days.rend(),
                                     [&](const Checkpoint& day) { return is_measured(*history, day); });
    if (latest == history->days.rend()) continue;
    const AgainstBenchmark all = against_benchmark(*history, *latest, names, closes);
    if (all.count < static_cast<int>(kMinUniverse)) continue;
    for (const StoredPick& stored : history->batch.picks) {
      sum += Decimal(stored.pick.action == Action::buy ? all.ahead : all.behind) * Decimal(100) /
             Decimal(all.count);
      ++picks;
    }
  }
  return picks == 0 ? std::nullopt : std::optional(sum / Decimal(picks));
}

Decimal break_even_bp(const Decimal& mean_pct) { return Decimal(50) * mean_pct; }

std::optional<Decimal> picks_kept(std::span<const BatchHistory* const> group) {
  std::map<Date, std::set<std::pair<std::string, Action>>> by_week;
  for (const BatchHistory* history : group) by_week.emplace(history->batch.run_date, choices_of(*history));
  long long kept = 0;
  long long pairs = 0;
  for (const auto& [run_date, choices] : by_week) {
    const auto before = by_week.find(run_date - 7);
    if (before == by_week.end()) continue;
    ++pairs;
    kept +=
        std::ranges::count_if(choices, [&](const auto& choice) { return before->second.contains(choice); });
  }
  return pairs == 0 ? std::nullopt : std::optional(Decimal(kept) / Decimal(pairs));
}

}  // namespace am::picks
