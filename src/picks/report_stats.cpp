#include <algorithm>
#include <map>
#include <tuple>

#include "am/picks/import.hpp"
#include "am/picks/report.hpp"
#include "am/picks/report_text.hpp"
#include "am/picks/rules.hpp"
#include "report_verdict.hpp"

namespace am::picks {

namespace {

void add(std::vector<Decimal>& values, const std::optional<Decimal>& value) {
  if (value) values.push_back(*value);
}

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

/// Directional figures of picks: of a batch on one day, of a side.
struct Earned {
  std::vector<Decimal> returns;
  std::vector<Decimal> benchmarks;
  std::vector<Decimal> excesses;
};

Earned earned_on(const Batch& batch, const Checkpoint& day) {
  Earned earned;
  for (const StoredPick& stored : batch.picks) {
    const Metric* metric = metric_of(day, stored.id);
    if (metric == nullptr) continue;
    earned.returns.push_back(directional(stored.pick.action, metric->absolute_return_pct));
    if (day.benchmark_return_pct)
      earned.benchmarks.push_back(directional(stored.pick.action, *day.benchmark_return_pct));
    earned.excesses.push_back(directional(stored.pick.action, metric->vs_benchmark_pct));
  }
  return earned;
}

SideLine side_line(const std::vector<const BatchLine*>& complete, Action action) {
  Earned earned;
  for (const BatchLine* line : complete) {
    for (const PickLine& pick : line->picks) {
      if (pick.stored.pick.action != action || !pick.directional_excess_pct) continue;
      earned.returns.push_back(*pick.directional_return_pct);
      add(earned.benchmarks, pick.directional_benchmark_pct);
      earned.excesses.push_back(*pick.directional_excess_pct);
    }
  }
  return {action,
          static_cast<int>(earned.excesses.size()),
          mean(earned.returns),
          mean(earned.benchmarks),
          mean(earned.excesses),
          share_above_zero(earned.excesses)};
}

DayLine day_line(const std::vector<const BatchHistory*>& members, int day) {
  Earned batches;
  for (const BatchHistory* history : members) {
    const Date date = checkpoint_date(history->batch.run_date, day);
    const auto at = std::ranges::find(history->days, date, &Checkpoint::date);
    if (at == history->days.end() || !at->computed) continue;
    const Earned earned = earned_on(history->batch, *at);
    if (earned.returns.empty()) continue;
    batches.returns.push_back(*mean(earned.returns));
    add(batches.benchmarks, mean(earned.benchmarks));
    batches.excesses.push_back(*mean(earned.excesses));
  }
  return {day,
          static_cast<int>(batches.excesses.size()),
          mean(batches.returns),
          mean(batches.benchmarks),
          mean(batches.excesses),
          interval_of(batches.excesses)};
}

/// Its batches and their lines, by run date.
struct Members {
  GroupMembers judged;
  std::vector<const BatchLine*> lines;
};

void add_costs(GroupLine& group, const std::vector<const BatchLine*>& lines) {
  bool priced = true;
  Decimal cost;
  for (const BatchLine* line : lines) {
    if (!line->usage) continue;
    ++group.paid_batches;
    group.usage.answers += line->usage->answers;
    group.usage.prompt_tokens += line->usage->prompt_tokens;
    group.usage.cached_tokens += line->usage->cached_tokens;
    group.usage.completion_tokens += line->usage->completion_tokens;
    priced = priced && line->cost_usd.has_value();
    if (line->cost_usd) cost += *line->cost_usd;
  }
  if (priced && group.paid_batches > 0) group.cost_usd = cost;
}

GroupLine group_line(const GroupKey& key, const Members& members) {
  GroupLine group;
  group.key = key;
  group.first = members.lines.front()->batch.run_date;
  group.last = members.lines.back()->batch.run_date;
  group.batches = static_cast<int>(members.lines.size());
  std::vector<const BatchLine*> complete;
  Earned batches;
  std::vector<Decimal> picks;
  for (const BatchLine* line : members.lines) {
    if (std::ranges::find(group.benchmarks, line->batch.benchmark_symbol) == group.benchmarks.end()) {
      group.benchmarks.push_back(line->batch.benchmark_symbol);
    }
    if (line->batch.status == "failed") ++group.failed;
    if (hindsight_possible(line->batch)) ++group.late_imports;
    if (!line->complete()) continue;
    complete.push_back(line);
    batches.returns.push_back(*line->mean_return_pct);
    add(batches.benchmarks, line->mean_benchmark_pct);
    batches.excesses.push_back(*line->mean_excess_pct);
    for (const PickLine& pick : line->picks) {
      if (pick.directional_excess_pct) picks.push_back(*pick.directional_excess_pct);
    }
  }
  add_costs(group, members.lines);
  group.complete = static_cast<int>(complete.size());
  group.picks = static_cast<int>(picks.size());
  group.mean_return_pct = mean(batches.returns);
  group.mean_benchmark_pct = mean(batches.benchmarks);
  group.mean_excess_pct = mean(batches.excesses);
  group.hit_rate_pct = share_above_zero(picks);
  for (int day = 1; day <= kDays; ++day) group.days.push_back(day_line(members.judged.histories, day));
  group.buy = side_line(complete, Action::buy);
  group.sell = side_line(complete, Action::sell);
  return group;
}

/// What was asked for, and of a group that became another one, or was another one before: from when, and what differs.
std::string name_of(const GroupLine& group, const std::vector<GroupLine>& all) {
  std::string name = group_text(group.key);
  bool continues = false;
  bool same_model = false;
  for (const GroupLine& other : all) {
    if (&other == &group || !other.key.continues(group.key)) continue;
    continues = true;
    same_model = same_model || other.key.served_model == group.key.served_model;
  }
  if (!continues) return name;
  if (same_model) {
    name += ", template " +
            (group.key.template_hash.empty() ? "not known" : group.key.template_hash.substr(0, 8));
  }
  return name + ", from " + group.first.to_string();
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
  for (const StoredPick& stored : history.batch.picks) line.picks.push_back({.stored = stored});
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
    if (latest->benchmark_return_pct)
      pick.directional_benchmark_pct = directional(pick.stored.pick.action, *latest->benchmark_return_pct);
    pick.directional_excess_pct = directional(pick.stored.pick.action, metric->vs_benchmark_pct);
  }
  const Earned earned = earned_on(history.batch, *latest);
  line.mean_return_pct = mean(earned.returns);
  line.mean_benchmark_pct = mean(earned.benchmarks);
  line.mean_excess_pct = mean(earned.excesses);
  return line;
}

namespace {

BatchLine line_with_betas(const BatchHistory& history, const SourceBooks& books) {
  BatchLine line = batch_line(history);
  for (PickLine& pick : line.picks) {
    const Beta& beta = books.beta(history, pick.stored.pick.ticker);
    if (beta.slope) pick.beta = beta.value;
  }
  return line;
}

}  // namespace

std::vector<BatchLine> batch_lines(const std::vector<BatchHistory>& histories, const ClosesOf& closes_of) {
  const SourceBooks books(histories, closes_of);
  std::vector<BatchLine> lines;
  lines.reserve(histories.size());
  for (const BatchHistory& history : histories) lines.push_back(line_with_betas(history, books));
  return lines;
}

Report make_report(const std::vector<BatchHistory>& histories, std::optional<DateRange> asked,
                   const ClosesOf& closes_of, const ReportCosts& costs) {
  Report report;
  report.asked = asked;
  report.batches.reserve(histories.size());  // Members points into it
  const SourceBooks books(histories, closes_of);
  report.problems = books.problems();
  std::map<GroupKey, Members> groups;
  for (const BatchHistory& history : histories) {
    BatchLine& line = report.batches.emplace_back(line_with_betas(history, books));
    if (const auto paid = costs.usage.find(history.batch.id); paid != costs.usage.end()) {
      line.usage = paid->second;
      if (costs.prices) line.cost_usd = dollars(paid->second, *costs.prices);
    }
    report.doubts.insert(report.doubts.end(), history.doubts.begin(), history.doubts.end());
    Members& members = groups[GroupKey::of(history.batch)];
    members.judged.histories.push_back(&history);
    members.lines.push_back(&line);
  }
  std::vector<std::pair<GroupKey, const Members*>> sorted;
  for (const auto& [key, members] : groups) sorted.emplace_back(key, &members);
  std::ranges::stable_sort(sorted, {}, [](const auto& group) {
    const GroupKey& key = group.first;
    return std::tuple(key.picker, key.model, key.origin, group.second->lines.front()->batch.run_date);
  });
  std::vector<GroupMembers> judged;
  std::vector<WeeklySeries> series;
  for (const auto& [key, members] : sorted) {
    GroupLine& group = report.groups.emplace_back(group_line(key, *members));
    series.push_back(judge(group, members->judged, books, asked.has_value()));
    judged.push_back(members->judged);
  }
  for (GroupLine& group : report.groups) group.name = name_of(group, report.groups);
  if (!asked) report.leagues = leagues_of(judged, series, books);
  return report;
}

}  // namespace am::picks
