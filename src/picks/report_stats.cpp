#include <algorithm>
#include <tuple>

#include "am/base/percent.hpp"
#include "am/market/symbol.hpp"
#include "am/picks/report.hpp"
#include "am/picks/rules.hpp"

namespace am::picks {

namespace {

std::optional<Decimal> mean(const std::vector<Decimal>& values) {
  if (values.empty()) return std::nullopt;
  Decimal sum;
  for (const Decimal& value : values) sum += value;
  return sum / Decimal(static_cast<long long>(values.size()));
}

std::optional<Decimal> share_above_zero(const std::vector<Decimal>& values) {
  if (values.empty()) return std::nullopt;
  const auto hits = std::ranges::count_if(values, &Decimal::is_positive);
  return Decimal(static_cast<long long>(hits)) * Decimal(100) /
         Decimal(static_cast<long long>(values.size()));
}

std::optional<Interval> interval_of(const std::vector<Decimal>& values) {
  std::vector<Units> units;
  units.reserve(values.size());
  for (const Decimal& value : values) units.push_back(to_units(value));
  return bootstrap_mean(units);
}

const Metric* metric_of(const Checkpoint& day, const std::string& pick_id) {
  const auto at = std::ranges::find(day.metrics, pick_id, &Metric::pick_id);
  return at == day.metrics.end() ? nullptr : &*at;
}

/// Directional returns and excesses of a batch's picks on one day.
struct Earned {
  std::vector<Decimal> returns;
  std::vector<Decimal> excesses;
};

Earned earned_on(const Batch& batch, const Checkpoint& day) {
  Earned earned;
  for (const StoredPick& stored : batch.picks) {
    const Metric* metric = metric_of(day, stored.id);
    if (metric == nullptr) continue;
    earned.returns.push_back(directional(stored.pick.action, metric->absolute_return_pct));
    earned.excesses.push_back(directional(stored.pick.action, metric->vs_benchmark_pct));
  }
  return earned;
}

/// A batch among its baskets.
struct Control {
  Baskets baskets;
  Units score = 0;
};

std::optional<Control> control_of(const BatchLine& line, const UniverseCloses& universe) {
  if (!universe || !line.complete() || !line.benchmark_return_pct || line.picks.size() != kPicksPerBatch)
    return std::nullopt;
  Units score = 0;
  int sells = 0;
  for (const PickLine& pick : line.picks) {
    if (!pick.directional_excess_pct) return std::nullopt;
    score += to_units(*pick.directional_excess_pct);
    sells += pick.stored.pick.action == Action::sell ? 1 : 0;
  }
  const std::map<std::string, Decimal> before = universe(line.batch, line.baseline);
  if (before.size() < kMinUniverse) return std::nullopt;
  const std::map<std::string, Decimal> after = universe(line.batch, *line.latest);
  std::vector<Units> excess;
  for (const auto& [symbol, initial] : before) {
    const auto current = after.find(symbol);
    if (current == after.end() || market::is_same_share(symbol, line.batch.benchmark_symbol)) continue;
    const Result<Decimal> change = return_pct(initial, current->second);
    if (change) excess.push_back(to_units(*change - *line.benchmark_return_pct));
  }
  Control control{Baskets(std::move(excess), sells), score};
  return control.baskets.usable() ? std::optional(std::move(control)) : std::nullopt;
}

SideLine side_line(const std::vector<const BatchLine*>& complete, Action action) {
  std::vector<Decimal> returns;
  std::vector<Decimal> excesses;
  for (const BatchLine* line : complete) {
    for (const PickLine& pick : line->picks) {
      if (pick.stored.pick.action != action || !pick.directional_excess_pct) continue;
      returns.push_back(*pick.directional_return_pct);
      excesses.push_back(*pick.directional_excess_pct);
    }
  }
  return {action, static_cast<int>(excesses.size()), mean(returns), mean(excesses),
          share_above_zero(excesses)};
}

DayLine day_line(const std::vector<const BatchHistory*>& members, int day) {
  std::vector<Decimal> returns;
  std::vector<Decimal> excesses;
  for (const BatchHistory* history : members) {
    const Date date = checkpoint_date(history->batch.run_date, day);
    const auto at = std::ranges::find(history->days, date, &Checkpoint::date);
    if (at == history->days.end() || !at->computed) continue;
    const Earned earned = earned_on(history->batch, *at);
    if (earned.returns.empty()) continue;
    returns.push_back(*mean(earned.returns));
    excesses.push_back(*mean(earned.excesses));
  }
  return {day, static_cast<int>(excesses.size()), mean(returns), mean(excesses), interval_of(excesses)};
}

std::string batches_text(int count) { return std::to_string(count) + (count == 1 ? " batch" : " batches"); }

std::string answer_of(const GroupLine& group) {
  if (group.complete == 0) return "no batch has completed its 14 days yet: no answer";
  const std::string head =
      "mean excess " + signed_percent(group.mean_excess_pct) + " % per batch after 14 days";
  if (!group.interval || group.complete < kMinBatches) {
    return head + ", but only " + batches_text(group.complete) + " complete (" + std::to_string(kMinBatches) +
           " are the least): no verdict";
  }
  const std::string body = head + ", 95 % interval " + signed_percent(group.interval->low) + " to " +
                           signed_percent(group.interval->high);
  if (group.interval->low.is_positive())
    return body + ": above zero, evidence of alpha in these " + batches_text(group.complete);
  if (group.interval->high.is_negative()) return body + ": below zero, the picks lost to the benchmark";
  return body + ": no evidence of alpha";
}

using Key = std::tuple<std::string, std::string, std::string>;

struct Members {
  std::vector<const BatchHistory*> histories;
  std::vector<const BatchLine*> lines;
  std::vector<Baskets> baskets;
  std::vector<Units> scores;
};

GroupLine group_line(const Key& key, const Members& members) {
  GroupLine group;
  std::tie(group.picker, group.model, group.origin) = key;
  group.first = members.lines.front()->batch.run_date;
  group.last = members.lines.back()->batch.run_date;
  group.batches = static_cast<int>(members.lines.size());
  std::vector<const BatchLine*> complete;
  std::vector<Decimal> returns;
  std::vector<Decimal> excesses;
  std::vector<Decimal> picks;
  for (const BatchLine* line : members.lines) {
    if (std::ranges::find(group.benchmarks, line->batch.benchmark_symbol) == group.benchmarks.end()) {
      group.benchmarks.push_back(line->batch.benchmark_symbol);
    }
    if (line->batch.status == "failed") ++group.failed;
    if (!line->complete()) continue;
    complete.push_back(line);
    returns.push_back(*line->mean_return_pct);
    excesses.push_back(*line->mean_excess_pct);
    for (const PickLine& pick : line->picks) {
      if (pick.directional_excess_pct) picks.push_back(*pick.directional_excess_pct);
    }
  }
  group.complete = static_cast<int>(complete.size());
  group.picks = static_cast<int>(picks.size());
  group.mean_return_pct = mean(returns);
  group.mean_excess_pct = mean(excesses);
  group.interval = interval_of(excesses);
  group.hit_rate_pct = share_above_zero(picks);
  group.controlled = static_cast<int>(members.baskets.size());
  if (group.controlled > 0) group.percentile = percentile_of_all(members.baskets, members.scores);
  for (int day = 1; day <= kDays; ++day) group.days.push_back(day_line(members.histories, day));
  group.buy = side_line(complete, Action::buy);
  group.sell = side_line(complete, Action::sell);
  group.answer = answer_of(group);
  return group;
}

}  // namespace

BatchLine batch_line(const BatchHistory& history) {
  BatchLine line;
  line.batch = history.batch;
  line.baseline = history.baseline;
  line.moves = history.moves;
  line.notes = history.notes;
  const Checkpoint* latest = nullptr;
  for (const Checkpoint& day : history.days) {
    ++(day.computed ? line.computed : day.unreadable ? line.unreadable : line.skipped);
    if (day.computed) latest = &day;
  }
  for (const StoredPick& stored : history.batch.picks) line.picks.push_back({stored, {}, {}, {}, {}, {}});
  if (latest == nullptr) return line;
  line.latest = latest->date;
  line.benchmark_price = latest->benchmark_price;
  line.benchmark_return_pct = latest->benchmark_return_pct;
  for (PickLine& pick : line.picks) {
    const Metric* metric = metric_of(*latest, pick.stored.id);
    if (metric == nullptr) continue;
    pick.price = metric->current_price;
    pick.return_pct = metric->absolute_return_pct;
    pick.excess_pct = metric->vs_benchmark_pct;
    pick.directional_return_pct = directional(pick.stored.pick.action, metric->absolute_return_pct);
    pick.directional_excess_pct = directional(pick.stored.pick.action, metric->vs_benchmark_pct);
  }
  const Earned earned = earned_on(history.batch, *latest);
  line.mean_return_pct = mean(earned.returns);
  line.mean_excess_pct = mean(earned.excesses);
  return line;
}

Report make_report(const std::vector<BatchHistory>& histories, std::optional<DateRange> asked,
                   const UniverseCloses& universe) {
  Report report;
  report.asked = asked;
  report.batches.reserve(histories.size());  // Members points into it
  std::map<Key, Members> groups;
  for (const BatchHistory& history : histories) {
    BatchLine& line = report.batches.emplace_back(batch_line(history));
    report.doubts.insert(report.doubts.end(), history.doubts.begin(), history.doubts.end());
    Members& members = groups[{history.batch.picker, history.batch.model, history.batch.origin}];
    if (std::optional<Control> control = control_of(line, universe)) {
      line.percentile = control->baskets.percentile(control->score);
      members.baskets.push_back(std::move(control->baskets));
      members.scores.push_back(control->score);
    }
    members.histories.push_back(&history);
    members.lines.push_back(&line);
  }
  for (const auto& [key, members] : groups) report.groups.push_back(group_line(key, members));
  return report;
}

}  // namespace am::picks
